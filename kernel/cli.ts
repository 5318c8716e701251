// The command `adjoint`: install, uninstall, lab, run; and kernel, lesson and note for the help alone, which bin/adjoint.js starts
// without coming here. Each does its work elsewhere; here are only their options, what they print, and the exit codes: 0, 1 for a
// failure (one sentence, no stack trace), 64 for wrong usage.

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { FAILED, OK, WRONG_USAGE } from "./exit-codes.ts";
import { heapMegabytes } from "./kernel-command.ts";
import { preludeOf } from "./prelude.ts";
import { preludeOption } from "./prelude-option.ts";
import type { TypecheckPolicy } from "./typecheck.ts";
import { typecheckOption } from "./typecheck-option.ts";
import {
  DEFAULT_DISPLAY_NAME,
  DEFAULT_NAME,
  installKernelspec,
  isKernelName,
  KernelspecError,
  type KernelSettings,
  type Location,
  packageVersion,
  uninstallKernelspec,
} from "./kernelspec.ts";

interface LocationOptions {
  user?: true;
  sysPrefix?: true;
  prefix?: string;
}

interface InstallOptions extends LocationOptions {
  name: string;
  displayName: string;
  prelude?: string;
  heap?: number;
  typecheck?: TypecheckPolicy;
}

/** Runs the command line `adjoint ARGS` and resolves to the exit code. */
export async function main(args: string[]): Promise<number> {
  const program = new Command("adjoint")
    .description("A Jupyter kernel for TypeScript")
    .version(packageVersion())
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError("(adjoint --help shows what there is)")
    .addCommand(installCommand())
    .addCommand(uninstallCommand())
    .addCommand(labCommand())
    .addCommand(kernelHelp())
    .addCommand(new Command("lesson").description("make executed notebooks and pages of Markdown notes"))
    .addCommand(new Command("note").description("give a notebook's Markdown back"));
  // The headless runner loads the compiler of cells, which the other commands do without.
  if (!["install", "uninstall", "lab"].includes(args[0] ?? "")) {
    const { runCommand } = await import("./run-command.ts");
    program.addCommand(runCommand());
  }
  inheritExit(program);
  if (args.length === 0) {
    program.outputHelp({ error: true });
    return WRONG_USAGE;
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return typeof process.exitCode === "number" ? process.exitCode : OK;
  } catch (error) {
    // commander has printed what is wrong (or the help that was asked for); ours are printed here; others are defects.
    if (error instanceof CommanderError) return error.exitCode === 0 ? OK : WRONG_USAGE;
    if (!(error instanceof KernelspecError)) throw error;
    console.error(`adjoint: ${error.message}`);
    return FAILED;
  }
}

/** `exitOverride` does not reach commands that were built before they were added. */
function inheritExit(program: Command): void {
  for (const command of program.commands) command.copyInheritedSettings(program);
}

function withLocation(command: Command): Command {
  return command
    .addOption(new Option("--user", "for the current user (the default)").conflicts(["sysPrefix", "prefix"]))
    .addOption(new Option("--sys-prefix", "in the active virtual or conda environment").conflicts(["user", "prefix"]))
    .addOption(new Option("--prefix <dir>", "in the environment in this folder").conflicts(["user", "sysPrefix"]))
    .option("--name <name>", "the kernel's name, as in jupyter kernelspec list", nameOption, DEFAULT_NAME);
}

function locationOf(options: LocationOptions): Location {
  if (options.prefix !== undefined) return { of: "prefix", folder: options.prefix };
  return { of: options.sysPrefix ? "environment" : "user" };
}

function installCommand(): Command {
  return withLocation(new Command("install"))
    .description("register the kernel with Jupyter (needs no Python)")
    .option("--display-name <text>", "the name that notebooks show", DEFAULT_DISPLAY_NAME)
    .addOption(preludeOption())
    .option("--heap <mb>", "largest JavaScript heap of a notebook in MiB (default: 2048)", heapOption)
    .addOption(typecheckOption())
    .action((options: InstallOptions) => {
      const settings: KernelSettings = { name: options.name, displayName: options.displayName };
      if (options.prelude !== undefined) settings.prelude = preludeOf(options.prelude);
      if (options.heap !== undefined) settings.heapMegabytes = options.heap;
      if (options.typecheck !== undefined) settings.typecheck = options.typecheck;
      const written = installKernelspec(locationOf(options), settings);
      console.log(`installed the kernel ${options.name} (${options.displayName}); wrote`);
      for (const file of written) console.log(`  ${file}`);
    });
}

function uninstallCommand(): Command {
  return withLocation(new Command("uninstall"))
    .description("remove what install has written")
    .action((options: LocationOptions & { name: string }) => {
      const removed = uninstallKernelspec(locationOf(options), options.name);
      console.log(`removed the kernel ${options.name}; deleted`);
      for (const file of removed) console.log(`  ${file}`);
    });
}

function labCommand(): Command {
  return new Command("lab")
    .description("start JupyterLab; takes the arguments of jupyter lab")
    .argument("[args...]")
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action(async (args: string[]) => {
      const { runLab } = await import("./lab.ts");
      process.exitCode = await runLab(args);
    });
}

/** For the help alone: bin/adjoint.js starts kernels without coming here. */
function kernelHelp(): Command {
  return new Command("kernel")
    .description("start a kernel; Jupyter does that")
    .argument("<connection-file>")
    .addOption(preludeOption())
    .option("--heap <mb>", "largest JavaScript heap of the notebook in MiB")
    .addOption(typecheckOption());
}

function nameOption(text: string): string {
  if (!isKernelName(text)) throw new InvalidArgumentError("It may have letters, digits, and the signs - . _ only.");
  return text.toLowerCase();
}

function heapOption(text: string): number {
  const megabytes = heapMegabytes(text);
  if (megabytes === undefined) throw new InvalidArgumentError("It must be a whole number of MiB from 64 up.");
  return megabytes;
}
