// Where the expression stands whose value a cell shows: its last statement, when that is an expression.

import { StrippedPositions } from "../position-map.ts";
import { parse } from "./parse.ts";
import { CellSyntaxError } from "./strip-types.ts";

/** Offsets in the source, without the semicolon; `null` when the cell ends otherwise, or does not parse. */
export function lastExpression(source: string): { start: number; end: number } | null {
  try {
    const { stripped, program } = parse(source);
    const last = program.body.at(-1);
    if (last?.type !== "ExpressionStatement") return null;
    const before = program.body.at(-2);
    const positions = new StrippedPositions(stripped);
    const found = positions.offsetInCell(last.start);
    const floor = before === undefined ? 0 : (positions.offsetInCell(before.start) ?? 0);
    if (found === null || found < floor) return null;
    // The type stripper drops parentheses that the types were in.
    const opening = /(?:\((?:\s|\/\*[^]*?\*\/)*)*$/.exec(source.slice(floor, found))?.[0].length ?? 0;
    const start = found - opening;
    const text = source.slice(start).replace(/(?:\s|;|\/\/[^\n]*$)+$/, "");
    return { start, end: start + text.length };
  } catch (error) {
    if (error instanceof CellSyntaxError) return null; // Whoever runs the cell says why.
    throw error;
  }
}
