// The command `adjoint note`: the Markdown of a notebook, to standard output or a file.

import { basename, join } from "node:path";
import { statSync } from "node:fs";
import { Command } from "commander";
import { FAILED, OK } from "../../kernel/exit-codes.ts";
import { NotebookError, readNotebook } from "../../kernel/notebook.ts";
import { replaceFile } from "../../kernel/replace-file.ts";
import { noteOf } from "./note.ts";

export function noteCommand(): Command {
  return new Command("note")
    .description("give a notebook's Markdown back")
    .argument("<notebook>", "an .ipynb file")
    .option("-o, --output <path>", "write it there, in place of standard output; over the note, if it is there")
    .addHelpText(
      "after",
      "\nWhat adjoint lesson made of a note becomes that note again, with what was changed in JupyterLab.\n\nExamples:\n  adjoint note lesson.ipynb\n  adjoint note lesson.ipynb -o note.md\n",
    )
    .action(async (path: string, options: { output?: string }) => {
      process.exitCode = await run(path, options.output);
    });
}

async function run(path: string, output: string | undefined): Promise<number> {
  try {
    const { text, problems } = noteOf(await readNotebook(path));
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
