// The command `adjoint lesson`: arguments, signals, exit code, and what the terminal shows of a build.

import { Command, InvalidArgumentError, Option } from "commander";
import { WRONG_USAGE } from "../../kernel/exit-codes.ts";
import { DEFAULT_PRELUDE } from "../../kernel/prelude.ts";
import { RunProgress } from "../../kernel/run-progress.ts";
import type { OpenSession } from "../../kernel/run.ts";
import { Build, type BuildOptions } from "./build.ts";
import { UsageError } from "./inputs.ts";
import { type Format, FORMATS } from "./write.ts";

// What a notebook sees in JupyterLab, its note sees here.
const openKernelSession: OpenSession = async (options) =>
  (await import("../../kernel/session.ts")).createSession({ ...options, prelude: DEFAULT_PRELUDE });

/** The sub-command. `openSession` is for tests. */
export function lessonCommand(openSession: OpenSession = openKernelSession): Command {
  return new Command("lesson")
    .description("make executed notebooks and pages of Markdown notes")
    .argument("<path...>", "notes (.md), or folders of notes")
    .option("-o, --output <dir>", "write there, instead of beside each note")
    .addOption(
      new Option("--to <formats>", "what is made: ipynb, html, md (as NAME.out.md)")
        .argParser(parseFormats)
        .default(new Set<Format>(["ipynb", "html"]), "ipynb,html"),
    )
    .option("--no-execute", "run nothing")
    .option("--no-cache", "run every cell, whatever ran before")
    .option("--timeout <seconds>", "stop a cell that takes longer", parseTimeout, 300)
    .option("--watch", "build again what a save concerns, and show it in a browser that reloads")
    .option("--site", "add an index of all lessons, with tags, search and links back")
    .option("--strict", "take warnings for errors, and claims that were not checked for refuted ones")
    .addHelpText("after", lessonHelp)
    .action(async (paths: string[], options: BuildOptions) => {
      process.exitCode = await run(paths, options, openSession);
    });
}

const lessonHelp = `
Cells are the fences that begin with \`\`\`ts. A note without any takes them from NAME.lesson.md beside it,
by heading. Notes are never changed. Cells whose code, and that of those before them, ran before are
not run again. Only the notes that are named run, not those that they link to or embed.

Exit codes: 0 fine, 1 a cell failed or a note is broken, 2 a claim is refuted, 3 a link leads nowhere,
64 wrong usage, 130 interrupted; the first that applies.

Examples:
  adjoint lesson note.md
  adjoint lesson vault/ -o lessons/ --to html --site
  adjoint lesson note.md --watch
  adjoint lesson note.md --no-execute --strict
`;

function parseFormats(text: string): Set<Format> {
  const wanted = text.split(",").map((name) => name.trim());
  const formats = FORMATS.filter((format) => wanted.includes(format));
  const unknown = wanted.find((name) => !FORMATS.some((format) => format === name));
  if (unknown !== undefined) throw new InvalidArgumentError(`It takes ${FORMATS.join(", ")}, not ${unknown}.`);
  return new Set(formats);
}

function parseTimeout(text: string): number {
  const seconds = Number(text);
  // setTimeout takes no more than 2 ** 31 - 1 milliseconds.
  if (text.trim() === "" || !(seconds > 0) || seconds > 2_147_483) {
    throw new InvalidArgumentError("It must be seconds, more than 0 and at most 2147483.");
  }
  return seconds;
}

async function run(paths: string[], options: BuildOptions, openSession: OpenSession): Promise<number> {
  const progress = new RunProgress(process.stderr);
  const interrupt = new AbortController();
  const giveUp = new AbortController();
  let signalled = 0;
  let isWatching = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (interrupt.signal.aborted) return giveUp.abort();
    signalled = signal === "SIGTERM" ? 143 : isWatching ? 0 : 130;
    if (!isWatching) progress.print("interrupting the cell; once more gives it up");
    interrupt.abort();
  };
  // Only where somebody can hear them: while a note is parsed, a signal ends the process as it would any other.
  const listen = (on: boolean): void => {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    if (on || isWatching) process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  };
  const signals = { interrupt: interrupt.signal, giveUp: giveUp.signal, onRunning: listen };
  let build: Build;
  try {
    build = new Build(paths, options, { openSession, progress, ...signals });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`adjoint: ${error.message}`);
    return WRONG_USAGE;
  }
  try {
    await build.run();
    if (options.watch === true && !interrupt.signal.aborted) {
      isWatching = true;
      listen(true);
      const { watch } = await import("./watch.ts");
      await watch(build, { print: (line) => progress.print(line), interrupt: interrupt.signal });
      isWatching = false;
      listen(false);
    }
  } finally {
    await build.close();
  }
  return signalled || build.exitCode();
}
