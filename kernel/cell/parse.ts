// A cell -> its JavaScript and the syntax tree of that. Decides what is left open by the text alone: which dialect the decorators
// are of, and whether braces around everything are a block or an object.

import type * as acorn from "acorn";
import { applyEdits, locate, StrippedPositions, type EditedCode, type Stripped } from "../position-map.ts";
import { parser } from "./acorn.ts";
import type { DecoratorSurroundings } from "./decorators.ts";
import { CellSyntaxError, stripTypes } from "./strip-types.ts";
import { constantsForUsing, readUsingAsConst } from "./using.ts";

let loaded: typeof acorn.Parser | undefined;
function cellParser(): typeof acorn.Parser {
  // `export { a }` may name what an earlier cell declared.
  return (loaded ??= parser().extend(
    (Base) =>
      class extends Base {
        checkLocalExport(): void {}
      },
  ));
}

/** A byte order mark and a `#!` line are no code; blanked in place, so that all offsets stay. */
export function blankPrologue(source: string): string {
  return source.replace(/^\uFEFF/, " ").replace(/^( ?)#!/, "$1//");
}

export interface Parsed {
  stripped: Stripped;
  program: acorn.Program;
  /** Where a `const` stands for a `using`. */
  using: Map<number, boolean>;
}

/** Throws `CellSyntaxError`. */
export function parse(source: string, decorators: DecoratorSurroundings = {}): Parsed {
  const plain = stripTypes(source, { decorators });
  const read = readUsingAsConst(plain);
  const stripped = read === null ? plain : stripTypes(read.cell, { decorators });
  const using = read === null ? new Map<number, boolean>() : constantsForUsing(read.keywords, stripped);
  // Decorators of parameters exist only in TypeScript's older dialect; swc leaves them in its output.
  if (stripped.cell.includes("@") && !parses(stripped.code)) {
    const legacy = stripTypes(stripped.cell, { legacyDecorators: true });
    if (parses(legacy.code)) return { ...withoutTypeImports(legacy, parseScript(legacy.code)), using };
  }
  const program = reported(source, stripped, () => parseScript(stripped.code));
  return { ...withoutTypeImports(stripped, program), using };
}

const TYPES_IN_BRACES = /^(?:import|export)(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*\{(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*type\b/;

/** `import { type A } from "x"` runs nothing of the module, as in a file; what the type stripper leaves of it is `import "x"`. */
function withoutTypeImports(
  stripped: Stripped,
  program: acorn.Program,
): { stripped: Stripped; program: acorn.Program } {
  const positions = new StrippedPositions(stripped);
  const isOfTypes = (statement: acorn.Program["body"][number]): boolean => {
    if (statement.type !== "ImportDeclaration" && statement.type !== "ExportNamedDeclaration") return false;
    if (!statement.source || statement.specifiers.length > 0) return false;
    const start = positions.offsetInCell(statement.start);
    return start !== null && TYPES_IN_BRACES.test(stripped.cell.slice(start));
  };
  const dropped = program.body.filter(isOfTypes);
  if (dropped.length === 0) return { stripped, program };
  let { code } = stripped;
  for (const { start, end } of dropped) {
    const blank = code.slice(start, end).replace(/[^\n]/g, " ");
    code = code.slice(0, start) + blank + code.slice(end);
  }
  const body = program.body.filter((statement) => !dropped.includes(statement));
  return { stripped: { ...stripped, code }, program: { ...program, body } };
}

function parses(code: string): boolean {
  try {
    parseScript(code);
    return true;
  } catch {
    // Asked only whether it parses: the caller parses again to report why not.
    return false;
  }
}

function parseScript(code: string): acorn.Program {
  return cellParser().parse(code, {
    ecmaVersion: "latest",
    sourceType: "module",
    allowAwaitOutsideFunction: true,
    allowHashBang: true,
    checkPrivateFields: true,
  });
}

/** An error in the stripped code (`… (2:5)`, offset `pos`) as one in the cell. */
export function reported<T>(source: string, stripped: Stripped, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SyntaxError) || !("pos" in error) || typeof error.pos !== "number") throw error;
    const positions = new StrippedPositions(stripped);
    const message = error.message
      .replace(/ \(\d+:\d+\)$/, "")
      .replace(/^Not enough stack space.*/, "nested too deeply");
    throw new CellSyntaxError(message, locate(source, positions.offsetInCell(error.pos) ?? 0));
  }
}

const beforeBrace = /^(?:\s|\/\/[^\n]*\n|\/\*[^]*?\*\/)*(?=\{)/;

/** Braces that are the whole cell are an object in parentheses, if they can be one, as in other consoles; `{}` and `{ a }` too. */
export function asObjectLiteral(source: string, decorators?: DecoratorSurroundings): EditedCode | null {
  const start = beforeBrace.exec(source)?.[0].length;
  const end = source.lastIndexOf("}");
  if (start === undefined || end < start || /;\s*$/.test(source)) return null;
  const edited = applyEdits(source, [
    { start, end: start, text: "(", anchor: start },
    { start: end + 1, end: end + 1, text: ")", anchor: end },
  ]);
  try {
    const [statement, ...others] = parse(edited.code, decorators).program.body;
    const isObject = statement?.type === "ExpressionStatement" && statement.expression.type === "ObjectExpression";
    return isObject && others.length === 0 ? edited : null;
  } catch {
    // It is no object: whoever compiles it as a block says what is wrong.
    return null;
  }
}
