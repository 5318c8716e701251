// A note becomes a lesson: 1. parse, 2. cells, 3. execute, 4. check, 5. write. Read this first. Whatever a note contains, it is built as
// far as it goes: what is wrong is reported with file and line, and the next note is built all the same.

import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Notebook } from "../../kernel/notebook.ts";
import type { RunProgress } from "../../kernel/run-progress.ts";
import type { OutputCache } from "./cache.ts";
import { notebookOf } from "./cells.ts";
import { additionsOf } from "./companion.ts";
import { translate, type Translation } from "./dialect.ts";
import { surroundingsOf } from "./embed.ts";
import { execute, type Executed } from "./execute.ts";
import { findingsOf, isBad, type PlacedFinding } from "./findings.ts";
import { COMPANION, type Input } from "./inputs.ts";
import { checkTex } from "./math.ts";
import type { Kernels } from "./kernels.ts";
import { formatMessage, type Message, type Report } from "./message.ts";
import { type Note, parseNote } from "./parse.ts";
import { piecesOf } from "./pieces.ts";
import { isFile } from "./vault.ts";
import { type Format, writeLesson } from "./write.ts";

export interface Lesson {
  input: Input;
  title: string;
  notebook: Notebook;
  findings: PlacedFinding[];
  tags: string[];
  /** The notes that it links to: files. */
  targets: string[];
  messages: Message[];
  executed: Executed | undefined;
}

export interface CompileOptions {
  formats: ReadonlySet<Format>;
  /** Pages are written later, when all notes are known. */
  isSite: boolean;
  /** Without it nothing runs. */
  run: { kernels: Kernels; timeout: number; cache: OutputCache | undefined } | undefined;
  /** Where the lesson of a note goes, for links between them. */
  outputOf(note: string): string | undefined;
  isLesson(stem: string): boolean;
  progress: RunProgress;
  report: Report;
  interrupt: AbortSignal;
  giveUp: AbortSignal;
  onRunning(running: boolean): void;
}

/** `undefined` for a file that is no note; the report has said why. `next` is the folder of the note that comes after it. */
export async function compile(input: Input, options: CompileOptions, next?: string): Promise<Lesson | undefined> {
  const messages: Message[] = [];
  const said = new Set<string>();
  const report: Report = (message) => {
    const key = formatMessage(message);
    if (said.has(key)) return;
    said.add(key);
    messages.push(message);
    options.report(message);
  };
  const { file } = input;

  // 1. parse
  const parsed = read(file, input, options, report);
  if (parsed === undefined) return undefined;
  const { note, translation } = parsed;

  // 2. cells
  const pieces = piecesOf(note, translation);
  const companion = companionOf(
    parsed,
    pieces.pieces.some(({ fence, nested }) => fence !== undefined || nested.length > 0),
    input,
    options,
    report,
  );
  const notebook = notebookOf({ note, translation, pieces, companion });

  // 3. execute
  let executed: Executed | undefined;
  if (options.run !== undefined) {
    const { progress, interrupt, giveUp, onRunning } = options;
    executed = await execute(notebook, { file, ...options.run, next, progress, report, interrupt, giveUp, onRunning });
  }

  // 4. check
  if (options.formats.has("html")) {
    checkTex(note, translation.formulas);
    if (companion !== undefined) checkTex(companion.note, companion.translation.formulas);
  }
  const findings = findingsOf(notebook, translation.formulas);
  for (const finding of findings.filter(isBad)) {
    const { claim, place, label, verdict, detail, line, file: other, expected, suggestion } = finding;
    if (executed === undefined) break;
    const what =
      place === undefined ? JSON.stringify(claim) : `the formula ${label === undefined ? place : `^${label}`}`;
    const text = `${what}: ${verdict}${expected === undefined ? "" : `, expected to be ${expected}`}: ${detail}${suggestion === undefined ? "" : `; found by trial, this holds: ${suggestion}`}`;
    report({ severity: "refuted", file: other === undefined ? file : join(dirname(file), other), line, text });
  }

  // 5. write
  const title = titleOf(note, translation);
  const targets = [...translation.links.targets];
  const lesson: Lesson = { input, title, notebook, findings, tags: translation.tags, targets, messages, executed };
  const formats = new Set([...options.formats].filter((format) => format !== "html" || !options.isSite));
  await writeLesson(lesson, formats, { ...options, report });
  return lesson;
}

interface Parsed {
  note: Note;
  translation: Translation;
}

function read(file: string, input: Input, options: CompileOptions, report: Report): Parsed | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    report({ severity: "error", file, line: 1, text: `cannot be read: ${(error as Error).message}` });
    return undefined;
  }
  const note = parseNote(bytes, file, report);
  if (note === null) return undefined;
  const { vault } = input;
  const { outputOf } = options;
  return { note, translation: translate(note, surroundingsOf({ vault, outputOf }, file, report)) };
}

function companionOf(
  { note, translation }: Parsed,
  hasCode: boolean,
  input: Input,
  options: CompileOptions,
  report: Report,
): Parameters<typeof notebookOf>[0]["companion"] {
  const file = join(dirname(input.file), basename(input.file, ".md") + COMPANION);
  if (!isFile(file)) return undefined;
  if (hasCode) {
    report({
      severity: "warning",
      file,
      line: 1,
      text: `it is not used, for ${basename(input.file)} has code of its own`,
    });
    return undefined;
  }
  const companion = read(file, input, options, report);
  if (companion === undefined) return undefined;
  const { pieces } = piecesOf(companion.note, companion.translation);
  const additions = additionsOf(companion.note, pieces, companion.translation.outline, note, translation.outline);
  return { ...companion, additions };
}

function titleOf(note: Note, { outline }: Translation): string {
  return outline.title ?? outline.sections[0]?.text ?? basename(note.file, ".md");
}
