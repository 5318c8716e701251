// Magics of IPython, and commands of a shell, that people type out of habit: what does the same here.

const COMMANDS =
  "cat cp curl df du echo find git grep head less ll ls man mkdir more mv node ping ps pwd rm rmdir sed sort tail tar touch tree unzip wc wget which zip";
const commands = new Set(COMMANDS.split(" "));

const install = "'%npm install PACKAGE' installs packages";
const reload = "changed files are loaded again before the next cell, without a magic";
const inline = "charts are shown below their cell, without a magic";
const instead: ReadonlyMap<string, string> = new Map([
  ["pip", install],
  ["conda", install],
  ["mamba", install],
  ["uv", install],
  ["yarn", install],
  ["pnpm", install],
  ["npx", "'!npx COMMAND' runs a command of a package"],
  ["run", "'await import(\"./FILE\")' runs a file"],
  ["autoreload", reload],
  ["load_ext", reload],
  ["reload_ext", reload],
  ["matplotlib", inline],
  ["pylab", inline],
  ["system", "'!COMMAND' runs a command of the shell"],
  ["sx", "'!COMMAND' runs a command of the shell"],
  ["script", "'%%bash' runs the cell as a script of bash"],
  ["cmd", "'!COMMAND' runs a command of the shell"],
  ["pinfo", "'NAME?' explains a name"],
  ["pinfo2", "'NAME??' shows the source of a name"],
  ["pdoc", "'NAME?' explains a name"],
  ["psource", "'NAME??' shows the source of a name"],
  ["magic", "'%help' lists all magics"],
  ["quickref", "'%help' lists all magics"],
  ["typescript", "a cell is TypeScript without a magic"],
  ["ts", "a cell is TypeScript without a magic"],
  ["file", "'%%writefile FILE' writes the cell to a file"],
]);

/** What helps whoever typed this name, without its `%`. */
export function insteadOf(name: string): string | undefined {
  return commands.has(name) ? `'!${name}' runs a command of the shell` : instead.get(name);
}
