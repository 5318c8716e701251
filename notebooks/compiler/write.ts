// Stage 5: a lesson's files. Each is written under a temporary name and renamed. A notebook that somebody made or changed by hand is not
// overwritten: what they wrote would be lost.

import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { formatNotebook, type Notebook, NotebookError, parseNotebook, writeNotebook } from "../../kernel/notebook.ts";
import { replaceFile } from "../../kernel/replace-file.ts";
import { hashOf } from "./cells.ts";
import type { Lesson } from "./compile.ts";
import type { Report } from "./message.ts";
import { MARKDOWN_OUTPUT } from "./inputs.ts";
import { markdownOf } from "./markdown.ts";
import { noteOf } from "./note.ts";
import { pageHtml } from "./page/page.ts";

export type Format = "ipynb" | "html" | "md";
export const FORMATS: readonly Format[] = ["ipynb", "html", "md"];

export interface Writing {
  /** Whether a lesson goes there: a path without an extension. */
  isLesson(stem: string): boolean;
  report: Report;
}

export async function writeLesson(lesson: Lesson, formats: ReadonlySet<Format>, writing: Writing): Promise<void> {
  const { stem, file } = lesson.input;
  try {
    await mkdir(dirname(stem), { recursive: true });
    if (formats.has("ipynb")) {
      const problem = obstacle(`${stem}.ipynb`, file);
      if (problem === undefined) await writeNotebook(`${stem}.ipynb`, lesson.notebook);
      else writing.report({ severity: "error", file, line: 1, text: problem });
    }
    if (formats.has("html")) await replaceFile(`${stem}.html`, lessonHtml(lesson, formats.has("ipynb"), writing));
    if (formats.has("md")) await writeMarkdown(lesson);
  } catch (error) {
    if (!(error instanceof NotebookError) && !isFileError(error)) throw error;
    writing.report({ severity: "error", file, line: 1, text: `the lesson cannot be written: ${error.message}` });
  }
}

/** `around` is HTML: in the header, and below the text. */
export function lessonHtml(
  { input, title, notebook, findings }: Lesson,
  hasNotebook: boolean,
  writing: Writing,
  around: { before?: string; after?: string } = {},
): string {
  const { stem } = input;
  const json = hasNotebook ? "" : Buffer.from(formatNotebook(notebook)).toString("base64");
  return pageHtml({
    ...around,
    title,
    notebook,
    findings,
    notebookName: `${basename(stem)}.ipynb`,
    notebookHref: hasNotebook
      ? `${encodeURIComponent(basename(stem))}.ipynb`
      : `data:application/x-ipynb+json;base64,${json}`,
    linkTo: (href) => pageHref(href, stem, writing),
  });
}

/** Lessons of the same build lead to each other's pages. */
function pageHref(href: string, stem: string, { isLesson }: Writing): string {
  const [, path, fragment = ""] = /^([^#?:]+)\.ipynb(#.*)?$/.exec(href) ?? [];
  if (path === undefined || !isLesson(resolve(dirname(stem), decodeURIComponent(path)))) return href;
  return `${path}.html${fragment}`;
}

/** Pictures lie in a folder beside it: GitHub shows none from inside a file. */
async function writeMarkdown({ input: { stem, file }, notebook }: Lesson): Promise<void> {
  const path = stem + MARKDOWN_OUTPUT;
  const { text, files } = markdownOf(notebook, `${basename(stem)}.out`);
  if (resolve(path) === resolve(file)) return;
  if (files.size > 0) await mkdir(`${stem}.out`, { recursive: true });
  for (const [name, bytes] of files) await replaceFile(join(dirname(stem), name), bytes);
  await replaceFile(path, text);
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && "syscall" in error;
}

/** Whether a note and its companion say all that a notebook says: "adjoint note" has brought it back. */
function isIn(notebook: Notebook, source: string): boolean {
  const { text, problems, companion } = noteOf(notebook);
  if (problems.length > 0 || text !== readFileSync(source, "utf8")) return false;
  if (companion.changes.length === 0) return true;
  const beside = join(dirname(source), companion.file);
  if (!existsSync(beside)) return false;
  const there = readFileSync(beside, "utf8");
  return companion.changes.every(({ to }) => there.includes(to));
}

/** Why the notebook that is there must stay. `source` is the note. */
function obstacle(path: string, source: string): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const notebook = parseNotebook(readFileSync(path), path);
    const { cells, metadata } = notebook;
    const { note, sources } = (metadata["adjoint"] ?? {}) as { note?: string; sources?: string };
    if (note === undefined)
      return `${path} was not built from a note, and stays as it is: choose another folder with -o`;
    if (sources === hashOf(cells.map(({ source }) => source).join("\0"))) return undefined;
    if (isIn(notebook, source)) return undefined;
    return `${path} was edited after it was built, and stays as it is: bring the changes back with "adjoint note", or delete it`;
  } catch (error) {
    if (!(error instanceof NotebookError)) throw error;
    return `${path} is no notebook, and stays as it is: choose another folder with -o`;
  }
}
