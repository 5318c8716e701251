// Which source a script of the user's was made from, a cell or a local file: leads from the frames of V8's stacks to the lines that
// the user wrote. A file that was loaded again has a script for each of its states; the place in an older state is
// told, but not shown, since the line may say something else by now.

import type { Position, PositionMap } from "../position-map.ts";

export interface CellSource {
  /** `Cell [n]`, or what stands for it. */
  name: string;
  source: string;
  positions: PositionMap;
}

export interface FileSource {
  path: string;
  label: string;
  text: string;
}

interface Script {
  source: FileSource;
  positions: PositionMap;
}

/** A line of a stack, as far as the user's sources go: what stands before the place, the place, and the source's text. */
export interface Place extends Position {
  /** `Cell [3]`, or the path of a file. */
  label: string;
  text: string;
}

const CELL = /adjoint-cell-(\d+):(\d+):(\d+)/;
const LABEL = /(Cell \[\d+\]|hidden code), line (\d+), column (\d+)/;
const cells = new Map<string, CellSource>();
const latestOfName = new Map<string, CellSource>();
const scripts = new Map<string, Script>();
/** By label, the newest state of a file, whether it compiled or not. */
const files = new Map<string, FileSource>();

/** The name of a cell's script; each has a number of its own. */
export function cellFile(script: number): string {
  return `adjoint-cell-${script}`;
}

export function registerCell(script: number, source: CellSource): void {
  cells.set(String(script), source);
  latestOfName.set(source.name, source);
}

/** So many older states of a file keep their places; functions of those before are rarely still called. */
const KEPT_STATES = 5;
const states = new Map<string, string[]>();

/** `script` is the name under which V8 compiles the file. */
export function registerScript(script: string, source: FileSource, positions: PositionMap): void {
  scripts.set(script, { source, positions });
  files.set(source.label, source);
  const names = states.get(source.path) ?? [];
  states.set(source.path, names);
  names.push(script);
  if (names.length > KEPT_STATES) scripts.delete(names.shift() ?? "");
}

/** The user's source of a function or class that a cell has made; else what the engine says. */
export function sourceOf(value: (...args: never[]) => unknown): string {
  const text = Function.prototype.toString.call(value);
  const all = [...cells.values(), ...scripts.values()];
  for (const { positions } of all.reverse()) {
    const source = positions.sourceOf(text);
    if (source !== null) return source;
  }
  return plainMessage(text);
}

/** In generated code the variable `x` is `__$x.value`; messages speak of `x`. */
export function plainMessage(message: string): string {
  return message
    .replace(/\(0\s*,\s*__+\$([\p{ID_Start}$_][\p{ID_Continue}$]*)\.value\)/gu, "$1")
    .replace(/__+\$([\p{ID_Start}$_][\p{ID_Continue}$]*)\.value(?![\p{ID_Continue}$])/gu, "$1")
    .replace(/__+constants\./g, "");
}

/** Silent cells and user expressions have no number. */
export function cellName(count: number | null): string {
  return count === null ? "hidden code" : `Cell [${count}]`;
}

export function cellLabel(name: string, { line, column }: Position): string {
  return `${name}, line ${line}, column ${column}`;
}

/** Splits `at f (NAME:1:2)` and `at NAME:1:2` where NAME is one that is known; names may hold any character. */
function split<T>(frame: string, known: ReadonlyMap<string, T>): { before: string; found: T; place: Position } | null {
  const end = known.size === 0 ? null : /:(\d+):(\d+)\)?$/.exec(frame);
  if (end === null) return null;
  const text = frame.slice(0, end.index);
  for (const start of [0, ...Array.from(text.matchAll(/\s\(?/g), (gap) => gap.index + gap[0].length)]) {
    const found = known.get(text.slice(start));
    if (found !== undefined) {
      return { before: text.slice(0, start), found, place: { line: Number(end[1]), column: Number(end[2]) } };
    }
  }
  return null;
}

/** Is it a frame of a cell's, as V8 writes it? */
export function isCellFrame(frame: string): boolean {
  return CELL.test(frame);
}

/** The same, or of a local file's. */
export function isUserFrame(frame: string): boolean {
  return isCellFrame(frame) || split(frame, scripts) !== null;
}

/** The frame with its position in the cell or file; null for a frame of generated code. */
export function mapFrame(frame: string): string | null {
  const match = CELL.exec(frame);
  const cell = match && cells.get(match[1] ?? "");
  if (match && cell) {
    const position = cell.positions.original(Number(match[2]), Number(match[3]));
    return position && frame.replace(CELL, cellLabel(cell.name, position));
  }
  const at = split(frame, scripts);
  if (at === null) return frame;
  const { source, positions } = at.found;
  const position = positions.original(at.place.line, at.place.column);
  if (position === null) return null;
  const older = files.get(source.label)?.text === source.text ? "" : " (before it changed)";
  const where = LABEL_OF_CELL.test(source.label)
    ? `${source.label}, line ${position.line}, column ${position.column}`
    : `${source.label}${older}:${position.line}:${position.column}`;
  return `${at.before}${where}${frame.endsWith(")") ? ")" : ""}`;
}

const LABEL_OF_CELL = /^(?:Cell \[\d+\]|hidden code)$/;

/** The place that a mapped frame names, if it is in a cell or a file of the user's. */
export function placeIn(frame: string): Place | undefined {
  const match = LABEL.exec(frame);
  if (match) {
    const [, label = ""] = match;
    // A cell that is a module is a file that goes by the cell's name.
    const text = latestOfName.get(label)?.source ?? files.get(label)?.text;
    return text === undefined ? undefined : { label, text, line: Number(match[2]), column: Number(match[3]) };
  }
  const at = split(frame, files);
  return at === null ? undefined : { label: at.found.label, text: at.found.text, ...at.place };
}

/** A syntax error whose stack begins at its place in a file. */
export function syntaxErrorAt(source: FileSource, error: { message: string } & Position): SyntaxError {
  const placed = new SyntaxError(error.message);
  files.set(source.label, source);
  const stack = `SyntaxError: ${error.message}\n    at ${source.label}:${error.line}:${error.column}`;
  return Object.defineProperty(placed, "stack", { value: stack, configurable: true, writable: true });
}
