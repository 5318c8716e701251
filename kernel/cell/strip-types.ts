// TypeScript -> the JavaScript that Node 20 runs, by swc: types stripped; enums, namespaces, decorators and JSX lowered;
// imports kept as written, for a later cell may use them. Turns swc's report (a code frame for a terminal) into one
// message with a place.

import type { Options } from "@swc/core";
import { locate, offsetOf, type Position, type Stripped } from "../position-map.ts";
import { type DecoratorSurroundings, usesLegacyDecorators } from "./decorators.ts";
import { tooDeepAt } from "./nesting.ts";
import { swc } from "./swc.ts";

export class CellSyntaxError extends SyntaxError {
  override readonly name = "SyntaxError";
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** The code ends where more must follow. */
  readonly atEnd: boolean;

  constructor(message: string, { line, column }: Position, atEnd = false) {
    super(message);
    this.line = line;
    this.column = column;
    this.atEnd = atEnd;
  }
}

export interface StripOptions {
  /** Decorators of TypeScript's `experimentalDecorators` instead of the standard's; found out from their declarations when absent. */
  legacyDecorators?: boolean;
  /** Where to look for declarations that are not in the source. */
  decorators?: DecoratorSurroundings;
  /** Whether `<T>x` is an element and not a cast; tried out when absent. */
  jsx?: boolean;
  /** Imports that only types need go, as the TypeScript compiler does it to files. */
  dropUnusedImports?: boolean;
  /** What becomes of imports and exports: `script` code has none and is no module, `commonjs` makes them `require` and `exports`. */
  target?: "module" | "commonjs" | "script";
}

/** What swc's code for standard decorators calls. */
const STANDARD_DECORATORS = "_apply_decs_2203_r(";
/** In that code, alone on its line: fails where a decorator has sealed the class. */
const METADATA = /(?<=return )Object\.defineProperty\(Class, Symbol\.metadata/;
const jsxPragma = /@jsx(?:ImportSource|Runtime|Frag)?\s/;
/** `<a:b.c`: swc 1.15 does not refuse it, but ends the process. */
const namespacedMember = /<\/?\s*[\p{ID_Start}$_][\p{ID_Continue}$-]*\s*:\s*[\p{ID_Start}$_][\p{ID_Continue}$-]*\s*\./u;
const mayBeJsx = /<(?:[A-Za-z_$]|>)/;

/** Throws `CellSyntaxError`. */
export function stripTypes(source: string, options: StripOptions = {}): Stripped {
  const tooDeep = tooDeepAt(source);
  if (tooDeep !== null) throw new CellSyntaxError("nested too deeply", locate(source, tooDeep));
  // `<T>x` is a cast in .ts and an element in .tsx: a cell is .tsx only when it says so or is nothing else.
  if (options.jsx !== undefined) return transform(source, options.jsx, options);
  const jsxFirst = jsxPragma.test(source);
  try {
    return transform(source, jsxFirst, options);
  } catch (error) {
    if (!(error instanceof CellSyntaxError) || !mayBeJsx.test(source)) throw error;
    try {
      return transform(source, !jsxFirst, options);
    } catch (other) {
      // Neither reading parses: the one that gets further says what is wrong.
      throw other instanceof CellSyntaxError && isAfter(other, error) ? other : error;
    }
  }
}

function isAfter(a: CellSyntaxError, b: CellSyntaxError): boolean {
  return a.line > b.line || (a.line === b.line && a.column > b.column);
}

function transform(source: string, tsx: boolean, wanted: StripOptions): Stripped {
  const { legacyDecorators, dropUnusedImports = false, target = "module" } = wanted;
  const options: Options = {
    filename: tsx ? "cell.tsx" : "cell.ts",
    configFile: false,
    swcrc: false,
    isModule: target === "script" ? "commonjs" : true,
    sourceMaps: true,
    inlineSourcesContent: false,
    jsc: {
      parser: { syntax: "typescript", tsx, decorators: true },
      target: "es2022",
      transform: {
        verbatimModuleSyntax: !dropUnusedImports,
        ...(legacyDecorators === true
          ? { legacyDecorator: true, decoratorMetadata: true }
          : { decoratorVersion: "2022-03" as const }),
      },
      experimental: { keepImportAttributes: true },
    },
    ...(target === "commonjs" ? { module: { type: "commonjs", ignoreDynamic: true } as const } : {}),
  };
  const panics = tsx ? namespacedMember.exec(source) : null;
  if (panics !== null)
    throw new CellSyntaxError("an element's name with ':' has no members", locate(source, panics.index));
  // Each round blanks one line end that swc stumbles over, until there is none.
  for (let cell = source; ;) {
    try {
      // At the very end swc takes `module` for a keyword.
      const { code, map } = swc().transformSync(cell.endsWith("module") ? `${cell}\n` : cell, options);
      const decorates = legacyDecorators === undefined && code.includes(STANDARD_DECORATORS);
      if (decorates && usesLegacyDecorators(cell, wanted.decorators))
        return transform(cell, tsx, { ...wanted, legacyDecorators: true });
      const sealable = decorates
        ? code.replace(METADATA, (define) => `!Object.isExtensible(Class) ? Class : ${define}`)
        : code;
      return { cell, code: sealable, map: map ?? '{"version":3,"sources":[],"names":[],"mappings":""}' };
    } catch (error) {
      const found = syntaxError(cell, error instanceof Error ? error.message : String(error));
      const offset = offsetOf(cell, found);
      const joined = joinAwait(cell, offset);
      if (joined === null) throw new CellSyntaxError(found.message, locate(source, offset), found.atEnd);
      cell = joined;
    }
  }
}

/** At the top level swc 1.16 takes an `await` for a name when its operand begins on another line. */
function joinAwait(cell: string, start: number): string | null {
  const match = /^await(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)+(?=\S)/.exec(cell.slice(start));
  if (!match?.[0].includes("\n")) return null;
  return cell.slice(0, start) + "await".padEnd(match[0].length) + cell.slice(start + match[0].length);
}

interface Report {
  message: string;
  line: number;
  /** Display column of the caret; `null`: the error has no extent, which is so at the end of the code only. */
  caret: number | null;
}

const reportHead = /^ {2}[x×] (.*)$/;
const reportPlace = /^ +[,╭]-?─?\[cell\.tsx?:(\d+):\d+\]$/;
const reportLine = /^ *(\d+) [|│] /;
const reportCaret = /^( *[:·] )( *)[\^|─┬┼]/;

/** swc's message is a list of reports, each with a frame of the code; the frame's caret is the only exact place in it. */
function reports(text: string): Report[] {
  const found: Report[] = [];
  let current: Report | undefined;
  let frameLine = 0;
  for (const line of text.split(/\r?\n/)) {
    const head = reportHead.exec(line);
    if (head?.[1] !== undefined) {
      current = { message: head[1], line: 0, caret: null };
      found.push(current);
      continue;
    }
    if (current === undefined) continue;
    const place = reportPlace.exec(line);
    if (place) current.line = Number(place[1]);
    const numbered = reportLine.exec(line);
    if (numbered) frameLine = Number(numbered[1]);
    const caret = reportCaret.exec(line);
    if (caret && current.caret === null) {
      current.caret = caret[2]?.length ?? 0;
      current.line = frameLine;
    }
  }
  return found;
}

/** What swc says first but what is only a consequence: it reads `let 😀` as a variable `let`. */
const afterthought = /cannot be used as an identifier/;

function syntaxError(cell: string, text: string): CellSyntaxError {
  const all = reports(text);
  const report = all.find(({ message }) => !afterthought.test(message)) ?? all[0];
  if (report === undefined) return new CellSyntaxError(text.split("\n", 1)[0]?.trim() ?? "", { line: 1, column: 1 });
  const message = inPlainWords(report.message);
  const end = cell.trimEnd().length;
  if (report.caret === null) return new CellSyntaxError(message, locate(cell, end), true);
  const lines = cell.split("\n");
  const column = columnAtWidth(lines[report.line - 1] ?? "", report.caret);
  const offset = lines.slice(0, report.line - 1).reduce((sum, line) => sum + line.length + 1, 0) + column - 1;
  const unfinished =
    /^Unterminated (?:template|block comment)|got '<eof>'|Unexpected (?:eof|token `<eof>`)/.test(report.message) ||
    (afterthought.test(message) && /^(?:let|await|yield)$/.test(cell.slice(offset, end)));
  return new CellSyntaxError(message, locate(cell, offset), unfinished);
}

function inPlainWords(message: string): string {
  return message
    .replace(/^Return statement is not allowed here$/, "'return' outside of a function")
    .replace(/^Not enough stack space to parse input$/, "nested too deeply")
    .replace(/^Unexpected (?:eof$|token `<eof>`.*)/, "Unexpected end of input")
    .replace(/'?<eof>'?/, "end of input")
    .replace(/^Expected ident$/, "Expected an identifier");
}

/** The frame is drawn for a terminal: tabs go to multiples of four, wide characters take two places, marks none. */
function columnAtWidth(line: string, width: number): number {
  let at = 0;
  let column = 1;
  for (const character of line) {
    if (at >= width) break;
    at += character === "\t" ? 4 - (at % 4) : characterWidth(character);
    column += character.length;
  }
  return column;
}

const noWidth = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]$/u;
const doubleWidth =
  /^[\p{Emoji_Presentation}\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]$/u;

function characterWidth(character: string): number {
  if (noWidth.test(character)) return 0;
  return doubleWidth.test(character) ? 2 : 1;
}
