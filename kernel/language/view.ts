// A cell as the type checker reads it: a line of imports, the cell, a line of exports. Leads positions both ways through the one
// table of edits (position-map.ts) that the cell compiler uses too. Lines and columns are those of the protocol: from 0, UTF-16.

import { applyEdits, type EditedCode, editorLineEnd, Lines, lastNotAfter, originOf } from "../position-map.ts";

export interface Place {
  line: number;
  character: number;
}

export class CellView {
  readonly source: string;
  readonly text: string;
  readonly #body: EditedCode;
  /** Where the cell begins in the text. */
  readonly #start: number;
  readonly #lines: Lines;

  /** `body`: the cell with calls in the place of what is no TypeScript; header and footer are lines of their own. */
  constructor(source: string, { header = "", footer = "", body = applyEdits(source, []) } = {}) {
    const before = pragmasOf(source) + header;
    const start = before === "" ? "" : `${before}\n`;
    this.source = source;
    this.#body = body;
    this.#start = start.length;
    this.text = start + body.code + (footer === "" ? "" : `\n${footer}\n`);
    this.#lines = new Lines(this.text, editorLineEnd);
  }

  /** The place in the text of an offset into the cell. */
  place(offset: number): Place {
    const segment = this.#copiedAt(offset);
    const inBody = segment === undefined ? 0 : segment.start + Math.max(0, offset - (segment.origin ?? 0));
    const { line, column } = this.#lines.position(this.#start + Math.min(inBody, this.#body.code.length));
    return { line: line - 1, character: column - 1 };
  }

  /** The offset into the cell of a place in the text; `null` for what stands in no cell. */
  offset({ line, character }: Place): number | null {
    const inText = this.#lines.offset({ line: line + 1, column: character + 1 });
    const inBody = inText === null ? -1 : inText - this.#start;
    if (inBody < 0 || inBody > this.#body.code.length) return null;
    const { origin } = originOf(this.#body, inBody);
    return origin === null ? null : Math.min(this.source.length, origin);
  }

  /** Is what stands before and behind the cursor TypeScript? */
  isCode(cursor: number): boolean {
    const isCopied = (offset: number): boolean => offset < 0 || this.offset(this.place(offset)) === offset;
    return isCopied(cursor) && isCopied(cursor - 1);
  }

  #copiedAt(offset: number): EditedCode["segments"][number] | undefined {
    const copied = this.#body.segments.filter((segment) => segment.copied);
    return copied[lastNotAfter(copied.length, (index) => copied[index]?.origin ?? 0, offset)];
  }
}

/** Comments that count only at the top of a file: what leads the cell must lead its view. */
const leadingComments = /^(?:\s|\/\/[^\n\r]*|\/\*[^]*?\*\/)*/;
const pragma = /@ts-(?:no)?check\b|@jsx\w*\s[^\n\r*]*/g;

function pragmasOf(source: string): string {
  const leading = source.includes("@") ? (leadingComments.exec(source)?.[0] ?? "") : "";
  // The cell compiler takes this one wherever it stands.
  const others = source.includes("@jsx") ? source.slice(leading.length).match(/\/\*[^]*?\*\//g) : null;
  const texts = [
    ...Array.from(leading.matchAll(pragma), ([text]) => text.trim()),
    ...Array.from((others ?? []).join("").matchAll(pragma), ([text]) => text.trim()).filter((text) =>
      text.startsWith("@jsx"),
    ),
  ];
  return texts.map((text) => (text.startsWith("@ts") ? `// ${text}\n` : `/** ${text} */\n`)).join("");
}

const openingBrace = /^(?:\s|\/\/[^\n]*\n|\/\*[^]*?\*\/)*(?=\{)/;

/** Braces around all of a cell in parentheses, since the compiler takes them for an object where they can be one. */
export function asObject(source: string): EditedCode | undefined {
  const start = openingBrace.exec(source)?.[0].length;
  const end = source.lastIndexOf("}") + 1;
  if (start === undefined || end <= start || /;\s*$/.test(source)) return undefined;
  return applyEdits(source, [
    { start, end: start, text: "(", anchor: start },
    { start: end, end, text: ")", anchor: end - 1 },
  ]);
}

/** `<T>x` is a cast in .ts and an element in .tsx; a cell is .tsx when it closes an element. */
export function isJsx(source: string): boolean {
  return (
    /<\/[\p{ID_Start}$_>]|\/>/u.test(source) && /<(?:[\p{ID_Start}$_]|>)/u.test(source) && !/^\s*\/\/.*<\//.test(source)
  );
}
