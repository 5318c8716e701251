// The command `adjoint note`: the Markdown of a notebook, to standard output or a file.

import { basename, join } from "node:path";
import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { FAILED, OK } from "../../kernel/exit-codes.ts";
import { NotebookError, readNotebook } from "../../kernel/notebook.ts";
import { replaceFile } from "../../kernel/replace-file.ts";
import { noteOf, type NoteText, withChanges } from "./note.ts";

export function noteCommand(): Command {
  return new Command("note")
    .description("give a notebook's Markdown back")
    .argument("<notebook>", "an .ipynb file")
    .option("-o, --output <path>", "write it there, in place of standard output; over the note, if it is there")
    .option("--companion <file>", "write what was changed in cells that come from NAME.lesson.md into that file")
    .addHelpText(
      "after",
      "\nWhat adjoint lesson made of a note becomes that note again, with what was changed in JupyterLab.\n\nExamples:\n  adjoint note lesson.ipynb\n  adjoint note lesson.ipynb -o note.md\n  adjoint note lesson.ipynb -o note.md --companion note.lesson.md\n",
    )
    .action(async (path: string, options: NoteOptions) => {
      process.exitCode = await run(path, options);
    });
}

interface NoteOptions {
  output?: string;
  companion?: string;
}

async function run(path: string, { output, companion: target }: NoteOptions): Promise<number> {
  try {
    const { text, problems, companion } = noteOf(await readNotebook(path));
    problems.push(...(await writeCompanion(companion, target)));
    for (const problem of problems) console.error(`${path}: ${problem}`);
    if (output === undefined) {
      await new Promise<void>((written) => process.stdout.write(text, () => written()));
    } else {
      const isFolder = statSync(output, { throwIfNoEntry: false })?.isDirectory() === true;
      await replaceFile(isFolder ? join(output, `${basename(path, ".ipynb")}.md`) : output, text);
    }
    return problems.length === 0 ? OK : FAILED;
  } catch (error) {
    if (!(error instanceof NotebookError) && !(error instanceof Error && "syscall" in error)) throw error;
    console.error(`adjoint: ${error.message}`);
    return FAILED;
  }
}

/** Resolves to what could not be written. */
async function writeCompanion({ file, changes }: NoteText["companion"], target: string | undefined): Promise<string[]> {
  if (changes.length === 0) return [];
  if (target === undefined) {
    return changes.map(
      ({ cell, line }) =>
        `cell ${cell} was changed, and belongs into ${file}, line ${line}: --companion FILE writes it there`,
    );
  }
  const { text, lost } = withChanges(await readFile(target, "utf8"), changes);
  await replaceFile(target, text);
  return lost.map(
    ({ cell, to }) => `cell ${cell} has no place in ${target}, which was changed since; it says:\n${to.trimEnd()}`,
  );
}
