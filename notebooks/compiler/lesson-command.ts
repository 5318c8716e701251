// The command `adjoint lesson`: arguments, signals, exit code, and what the terminal shows of a build.

import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { FAILED, OK, WRONG_USAGE } from "../../kernel/exit-codes.ts";
import { RunProgress } from "../../kernel/run-progress.ts";
import type { OpenSession } from "../../kernel/run.ts";
import { OutputCache } from "./cache.ts";
import { compile, type CompileOptions, type Lesson } from "./compile.ts";
import { isBad, summaryOf } from "./findings.ts";
import { type Input, inputsOf, UsageError } from "./inputs.ts";
import { formatMessage, type Message } from "./message.ts";
import { type Format, FORMATS } from "./write.ts";

const REFUTED = 2;
const BROKEN_LINK = 3;

export interface LessonOptions {
  output?: string;
  to: ReadonlySet<Format>;
  execute: boolean;
  cache: boolean;
  strict?: boolean;
  timeout: number;
}

const openKernelSession: OpenSession = async (options) =>
  (await import("../../kernel/session.ts")).createSession(options);

/** The sub-command. `openSession` is for tests. */
export function lessonCommand(openSession: OpenSession = openKernelSession): Command {
  return new Command("lesson")
    .description("make executed notebooks and pages of Markdown notes")
    .argument("<path...>", "notes (.md), or folders of notes")
    .option("-o, --output <dir>", "write there, instead of beside each note")
    .option("--to <formats>", "what is made: ipynb, html, md", parseFormats, new Set<Format>(["ipynb", "html"]))
    .option("--no-execute", "run nothing")
    .option("--no-cache", "run every cell, whatever ran before")
    .option("--timeout <seconds>", "stop a cell that takes longer", parseTimeout, 300)
    .option("--strict", "take warnings for errors, and claims that were not checked for refuted ones")
    .addHelpText("after", lessonHelp)
    .action(async (paths: string[], options: LessonOptions) => {
      process.exitCode = await build(paths, options, openSession);
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
  adjoint lesson vault/ -o lessons/ --to html
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

async function build(paths: string[], options: LessonOptions, openSession: OpenSession): Promise<number> {
  let inputs: Input[];
  try {
    inputs = inputsOf(paths, options.output);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`adjoint: ${error.message}`);
    return WRONG_USAGE;
  }
  const progress = new RunProgress(process.stderr);
  const interrupt = new AbortController();
  const giveUp = new AbortController();
  let signalled = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (interrupt.signal.aborted) return giveUp.abort();
    signalled = signal === "SIGTERM" ? 143 : 130;
    progress.print("interrupting the cell; once more gives it up");
    interrupt.abort();
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  const messages: Message[] = [];
  const stems = new Map(inputs.map(({ file, stem }) => [resolve(file), stem]));
  const compileOptions: CompileOptions = {
    formats: options.to,
    run: options.execute
      ? { openSession, timeout: options.timeout, cache: options.cache ? new OutputCache() : undefined }
      : undefined,
    outputOf: (note) => stems.get(note),
    isLesson: (stem) => [...stems.values()].includes(stem),
    progress,
    report(message) {
      messages.push(message);
      progress.print(formatMessage(message));
    },
    interrupt: interrupt.signal,
    giveUp: giveUp.signal,
  };
  const lessons: Lesson[] = [];
  try {
    for (const input of inputs) {
      if (interrupt.signal.aborted) break;
      const start = performance.now();
      const lesson = await compile(input, compileOptions);
      if (lesson === undefined) continue;
      lessons.push(lesson);
      progress.print(`${input.file}: ${resultOf(lesson, (performance.now() - start) / 1000)}`);
    }
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
  return signalled || exitCodeOf(lessons, messages, options.strict === true);
}

function resultOf({ executed, findings }: Lesson, seconds: number): string {
  const time = `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const cells = (count: number): string => `${count} ${count === 1 ? "cell" : "cells"}`;
  const ran =
    executed === undefined
      ? "not executed"
      : executed.cached > 0
        ? `${cells(executed.cached)}, all from the cache`
        : cells(executed.ran);
  const claims = findings.length === 0 ? "" : `; claims: ${summaryOf(findings)}`;
  return `${ran}, ${time}${claims}`;
}

function exitCodeOf(lessons: readonly Lesson[], messages: readonly Message[], strict: boolean): number {
  const findings = lessons.flatMap((lesson) => (lesson.executed === undefined ? [] : lesson.findings));
  const isBroken = ({ severity }: Message): boolean => severity === "error" || (strict && severity === "warning");
  if (lessons.some(({ executed }) => executed?.failed === true) || messages.some(isBroken)) return FAILED;
  const isUnproven = strict ? ({ verdict }: { verdict: string }) => verdict.startsWith("not check") : () => false;
  if (findings.some((finding) => isBad(finding) || isUnproven(finding))) return REFUTED;
  return messages.some(({ severity }) => severity === "link") ? BROKEN_LINK : OK;
}
