// `adjoint lesson` and `adjoint note`: bin/adjoint.js hands them over here, so that no other command loads any of the compiler.

import { Command, CommanderError } from "commander";
import { OK, WRONG_USAGE } from "../../kernel/exit-codes.ts";
import { lessonCommand } from "./lesson-command.ts";
import { noteCommand } from "./note-command.ts";

/** Runs the command line `adjoint ARGS` and resolves to the exit code. */
export async function main(args: string[]): Promise<number> {
  const program = new Command("adjoint")
    .exitOverride()
    .showHelpAfterError("(adjoint lesson --help and adjoint note --help show what there is)")
    .addCommand(lessonCommand())
    .addCommand(noteCommand());
  for (const command of program.commands) command.copyInheritedSettings(program);
  try {
    await program.parseAsync(args, { from: "user" });
    return typeof process.exitCode === "number" ? process.exitCode : OK;
  } catch (error) {
    // commander has printed what is wrong, or the help that was asked for; others are defects.
    if (error instanceof CommanderError) return error.exitCode === 0 ? OK : WRONG_USAGE;
    throw error;
  }
}
