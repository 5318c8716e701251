// Where a piece of the code that V8 runs stands in the cell that the user wrote. Two steps: an exact table of the
// text edits (generated code -> stripped code), then the source map of the type stripper (stripped code -> cell),
// which is decoded when the first question comes. Everything counts UTF-16 units; nothing is kept as line deltas.

import { SourceMap } from "node:module";

export interface Position {
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
}

/** Replaces `code.slice(start, end)` by `text`; the text counts as standing at `anchor`, or nowhere (`null`) when it is not the user's. */
export interface Edit {
  start: number;
  end: number;
  text: string;
  anchor: number | null;
}

/** A run of generated code: copied from `origin` on, or all of it standing for the one place `origin`, or for none. */
interface Segment {
  start: number;
  origin: number | null;
  copied: boolean;
}

export interface EditedCode {
  code: string;
  segments: Segment[];
}

/** Applies the edits, which are in order of `start` and do not overlap; edits of one place apply in the order given. */
export function applyEdits(code: string, edits: readonly Edit[]): EditedCode {
  const segments: Segment[] = [];
  let result = "";
  let from = 0;
  for (const edit of edits) {
    if (edit.start > from) {
      segments.push({ start: result.length, origin: from, copied: true });
      result += code.slice(from, edit.start);
    }
    if (edit.text !== "") {
      segments.push({ start: result.length, origin: edit.anchor, copied: false });
      result += edit.text;
    }
    from = Math.max(from, edit.end);
  }
  segments.push({ start: result.length, origin: from, copied: true });
  return { code: result + code.slice(from), segments };
}

/** Puts more text in, by offsets into the edited code, none of which is the user's. */
export function insertInto({ code, segments }: EditedCode, insertions: ReadonlyMap<number, string>): EditedCode {
  const result: EditedCode = { code: "", segments: [] };
  const offsets = [...insertions.keys()].sort((a, b) => a - b);
  for (const [index, { start, origin, copied }] of segments.entries()) {
    const end = segments[index + 1]?.start ?? code.length;
    let from = start;
    const copy = (to: number): void => {
      const moved = origin === null || !copied ? origin : origin + from - start;
      result.segments.push({ start: result.code.length, origin: moved, copied });
      result.code += code.slice(from, to);
      from = to;
    };
    for (const offset of offsets.filter((each) => each > start && each <= end)) {
      copy(offset);
      result.segments.push({ start: result.code.length, origin: null, copied: false });
      result.code += insertions.get(offset) ?? "";
    }
    copy(end);
  }
  return result;
}

/** Where the text at an offset of the edited code stood, or what it stands for; `copied`: it stood there as it is. */
export function originOf({ segments }: EditedCode, offset: number): { origin: number | null; copied: boolean } {
  const segment = segments[segmentAt(segments, offset)];
  if (segment === undefined) return { origin: null, copied: false };
  const { start, origin, copied } = segment;
  return { origin: origin === null || !copied ? origin : origin + offset - start, copied };
}

function segmentAt(segments: readonly Segment[], offset: number): number {
  return lastNotAfter(segments.length, (index) => segments[index]?.start ?? 0, offset);
}

/** Offsets at which lines begin; `ends` matches what ends a line. */
function lineStarts(text: string, ends: RegExp): number[] {
  const starts = [0];
  for (const match of text.matchAll(ends)) starts.push(match.index + match[0].length);
  return starts;
}

/** Index of the last entry that is not after `value`. */
export function lastNotAfter(count: number, at: (index: number) => number, value: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (at(middle) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** What ends a line for V8: inside of template literals and comments the Unicode separators count too. */
const engineLineEnd = /\r\n|[\n\r\u2028\u2029]/g;
/** What ends a line for front ends. */
export const editorLineEnd = /\r\n?|\n/g;
/** What ends a line in the type stripper's source map. */
const stripperLineEnd = /\n/g;

/** A text with a quick way from offset to line and column and back. */
export class Lines {
  readonly text: string;
  readonly #starts: number[];

  constructor(text: string, ends: RegExp) {
    this.text = text;
    this.#starts = lineStarts(text, ends);
  }

  position(offset: number): Position {
    const line = lastNotAfter(this.#starts.length, (index) => this.#starts[index] ?? 0, offset);
    return { line: line + 1, column: offset - (this.#starts[line] ?? 0) + 1 };
  }

  /** `null` where the text has no such line, or the line no such column. */
  offset({ line, column }: Position): number | null {
    const start = this.#starts[line - 1];
    if (start === undefined || column < 1) return null;
    const offset = start + column - 1;
    const next = this.#starts[line];
    return offset <= (next === undefined ? this.text.length : next - 1) ? offset : null;
  }
}

/** A cell without its types. */
export interface Stripped {
  /** The cell as the type stripper read it: as long as the source, and the same but for what had to be read differently. */
  cell: string;
  code: string;
  /** Source map from `code` to `cell`, as JSON. */
  map: string;
}

/** Where an offset into the code that is edited stands in what the user wrote; `null` for what the user did not write. */
export interface Origins {
  offsetInCell(offset: number): number | null;
}

/** Of code that needed no stripping. */
export const sameOffsets: Origins = { offsetInCell: (offset) => offset };

/** Stripped code -> cell, by the type stripper's source map. */
export class StrippedPositions implements Origins {
  readonly #of: Stripped;
  #decoded: { map: SourceMap; code: Lines; cell: Lines } | undefined;

  constructor(stripped: Stripped) {
    this.#of = stripped;
  }

  /** The offset in the cell of an offset in the stripped code, or `null` for what the stripper made up. */
  offsetInCell(offset: number): number | null {
    this.#decoded ??= {
      map: new SourceMap(JSON.parse(this.#of.map)),
      code: new Lines(this.#of.code, stripperLineEnd),
      cell: new Lines(this.#of.cell, stripperLineEnd),
    };
    const { map, code, cell } = this.#decoded;
    const at = code.position(offset);
    const entry = map.findEntry(at.line - 1, at.column - 1);
    if (!("originalLine" in entry) || entry.generatedLine !== at.line - 1) return null;
    const original = cell.offset({ line: entry.originalLine + 1, column: entry.originalColumn + 1 });
    if (original === null) return null;
    // A function of JSX stands, for the type stripper, in the comment that names it: its element is the first argument.
    const call =
      this.#of.cell.startsWith("/*", original) && /^[\w$.]+\(/.exec(this.#of.code.slice(offset, offset + 100));
    if (call) return this.offsetInCell(offset + call[0].length);
    // The map knows where tokens begin; inside of a token that was copied verbatim the place is exact too.
    const within = at.column - 1 - entry.generatedColumn;
    const token = this.#of.code.slice(offset - within, offset + 1);
    return this.#of.cell.startsWith(token, original) ? original + within : original;
  }
}

export class PositionMap {
  readonly #cell: string;
  readonly #stripped: Origins;
  readonly #edited: EditedCode;
  readonly #before: EditedCode | undefined;
  #lines: { cell: Lines; generated: Lines } | undefined;

  /** `before`: edits that made what the type stripper read of the cell. */
  constructor(cell: string, stripped: Origins, edited: EditedCode, before?: EditedCode) {
    this.#cell = cell;
    this.#stripped = stripped;
    this.#edited = edited;
    this.#before = before;
  }

  /** The same for a cell of which the cell so far is an edited copy. */
  of(cell: string, edited: EditedCode): PositionMap {
    return new PositionMap(cell, this.#stripped, this.#edited, edited);
  }

  get #tables(): { cell: Lines; generated: Lines } {
    return (this.#lines ??= {
      cell: new Lines(this.#cell, editorLineEnd),
      generated: new Lines(this.#edited.code, engineLineEnd),
    });
  }

  /** The place in the cell of a place in the generated code as V8 reports it; `null` for code that is not the user's. */
  original(line: number, column: number): Position | null {
    const offset = this.#tables.generated.offset({ line, column });
    if (offset === null) return null;
    return this.originalOf(offset);
  }

  /** The same of an offset into the generated code. */
  originalOf(offset: number): Position | null {
    const inCell = this.#offsetInCell(offset);
    return inCell === null ? null : this.location(inCell);
  }

  /** The part of the cell that became `text`, which stands in the generated code; `null` where that cannot be told. */
  sourceOf(text: string): string | null {
    const start = this.#edited.code.indexOf(text);
    if (start < 0) return null;
    const from = this.#offsetInCell(start);
    const to = this.#endInCell(start + text.length - 1);
    return from === null || to === null || to < from ? null : this.#cell.slice(from, to + 1);
  }

  /** Where the code that became this character ends in the cell, less one. */
  #endInCell(offset: number): number | null {
    const { segments } = this.#edited;
    const at = segmentAt(segments, offset);
    if (segments[at]?.copied === true) return this.#offsetInCell(offset);
    const next = segments.find(({ origin }, index) => index > at && origin !== null);
    const end = next?.origin ?? null;
    return end === null ? null : this.#unstripped(end - 1);
  }

  #offsetInCell(offset: number): number | null {
    const { origin } = originOf(this.#edited, offset);
    return origin === null ? null : this.#unstripped(origin);
  }

  #unstripped(offset: number): number | null {
    const read = this.#stripped.offsetInCell(offset);
    return read === null || this.#before === undefined ? read : originOf(this.#before, read).origin;
  }

  /** Line and column of an offset into the cell. */
  location(offset: number): Position {
    return this.#tables.cell.position(offset);
  }
}

/** Line and column of an offset, for who has no map (yet). */
export function locate(text: string, offset: number): Position {
  return new Lines(text, editorLineEnd).position(offset);
}

/** The offset of a line and column; the end of the text when it has no such place. */
export function offsetOf(text: string, position: Position): number {
  return new Lines(text, editorLineEnd).offset(position) ?? text.length;
}
