// `npm run build:wasm`: compiles the kernels in lib/backend/wasm/kernels/ into lib/backend/wasm/binary.ts, which is checked in, so that
// nobody needs a compiler who does not change them. Needs clang and wasm-ld (Debian: clang-19 and lld-19).

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const KERNELS = join(ROOT, "lib", "backend", "wasm", "kernels");
const RESULT = join(ROOT, "lib", "backend", "wasm", "binary.ts");
const OPTIONS = [
  "--target=wasm32",
  "-Os",
  "-msimd128",
  "-mbulk-memory",
  "-mmutable-globals",
  "-nostdlib",
  "-ffreestanding",
  "-ffp-contract=off",
  "-fvisibility=hidden",
  "-Wall",
  "-Wl,--no-entry",
  "-Wl,--import-memory",
  "-Wl,--max-memory=2147483648",
  "-Wl,--export=__stack_pointer",
  "-Wl,--strip-all",
  "-Wl,--stack-first",
  "-Wl,-z,stack-size=65536",
];

const files = readdirSync(KERNELS).sort();

/** What the binary was made from. */
export function sourceHash() {
  const hash = createHash("sha256").update(OPTIONS.join("\n"));
  for (const file of files) hash.update(`\n${file}\n`).update(readFileSync(join(KERNELS, file)));
  return hash.digest("hex");
}

/** The first line of what a compiler says of itself; undefined if it is not there. */
function versionOf(command) {
  const { status, stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.split("\n")[0] : undefined;
}

/** The name and version of the compiler; undefined if there is none that compiles for WebAssembly. */
export function compiler() {
  for (const suffix of ["-19", ""]) {
    const version = versionOf(`clang${suffix}`);
    const linker = `wasm-ld${suffix}`;
    if (version !== undefined && versionOf(linker) !== undefined) return { command: `clang${suffix}`, linker, version };
  }
  return undefined;
}

/** The text of binary.ts. */
export function compile({ command, linker, version }) {
  const folder = mkdtempSync(join(tmpdir(), "adjoint-wasm-"));
  try {
    const output = join(folder, "kernels.wasm");
    const which = spawnSync("which", [linker], { encoding: "utf8" }).stdout.trim();
    const sources = files.filter((file) => file.endsWith(".c"));
    const args = [...OPTIONS, `-fuse-ld=${which}`, ...sources, "-o", output];
    const { status, stderr } = spawnSync(command, args, { cwd: KERNELS, encoding: "utf8" });
    if (status !== 0) throw new Error(`${command} failed:\n${stderr}`);
    const bytes = readFileSync(output);
    const flags = flagsOfMemory(bytes);
    // Shared and with a maximum (https://webassembly.github.io/threads/core/binary/types.html#limits).
    bytes[flags] = 3;
    return [
      "// Made by `npm run build:wasm` from kernels/: do not edit.",
      `// ${version}`,
      "",
      "/** The hash of the sources and options. */",
      `export const SOURCE = "${sourceHash()}";`,
      "/** The byte that says whether the memory is shared. */",
      `export const SHARED_AT = ${flags};`,
      "/** The module, in base64. */",
      `export const BINARY =\n  "${bytes.toString("base64")}";`,
      "",
    ].join("\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Where the import of `env.memory` has its flags. */
function flagsOfMemory(bytes) {
  const name = bytes.indexOf(Buffer.from("\x03env\x06memory\x02", "latin1"));
  if (name < 0) throw new Error("the module imports no memory env.memory");
  return name + 12;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const found = compiler();
  if (found === undefined) {
    console.error("build:wasm: there is no clang with wasm-ld; on Debian: apt install clang-19 lld-19");
    process.exit(1);
  }
  writeFileSync(RESULT, compile(found));
  console.log(`${RESULT}: ${readFileSync(RESULT).length} bytes, by ${found.version}`);
}
