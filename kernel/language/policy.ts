// What a diagnostic of TypeScript's means for a cell: an error that stops it, a warning, a matter of syntax (the runtime's compiler
// says that better, and says it first), or nothing. A notebook is exploratory: an `any` that nobody wrote never stops a cell.

import type { Diagnostic } from "./server.ts";

export type Severity = "error" | "warning" | "syntax" | "ignored";

const UNUSED_EXPECT_ERROR = 2578;
const NOT_ASSIGNABLE = 2322;
/** Decorators of parameters, which the cell compiler knows by the older dialect. */
const DECORATOR = 1206;
export const MISSING_MODULE = new Set([2307, 2792, 2882]);
export const UNKNOWN_NAME = new Set([2304, 2503, 2552, 2580, 2582, 2584, 2591, 2592, 2593]);
const DEPRECATED = new Set([6385, 6387]);

/** `noImplicitAny` and its kin; among its numbers are four about unreachable code. */
function isImplicitAny(code: number): boolean {
  return code === 2683 || (code >= 7005 && code <= 7057 && !(code >= 7027 && code <= 7030));
}

/** Below 1200 the parser's errors, but for these; above, these are the parser's too. */
const notSyntax = new Set([1016, 1055, 1058, 1062, 1064, 1117, 1166, 1168, 1169, 1170, 1183, 1192]);
const laterSyntax = new Set([
  1308, 1351, 1357, 1378, 1381, 1382, 1389, 1390, 1432, 1434, 1435, 1436, 1437, 1438, 1440, 1441, 1442, 1443, 1472,
  17002, 17008, 17014, 17015,
]);

function isSyntax(code: number): boolean {
  return code >= 1000 && (code < 1200 ? !notSyntax.has(code) : laterSyntax.has(code));
}

/** `Tensor<[2, 3]>` where `Tensor<[3, 2]>` was: only the shape differs. */
const shapes = /^Type 'Tensor<[^']*>' is not assignable to type 'Tensor<[^']*>'/;

/** Any disagreement between two tensors, or two shapes. */
export function isOfShapes(message: string): boolean {
  return /^(?:Type|Argument of type) 'Tensor<[^']*>' is not assignable to (?:parameter of )?type 'Tensor</.test(
    message,
  );
}

export const shapeError = /ShapeError<"((?:[^"\\]|\\.)*)">/;

export function messageOf({ message }: Diagnostic): string {
  return typeof message === "string" ? message : message.value;
}

export function severityOf(diagnostic: Diagnostic): Severity {
  const { code, severity } = diagnostic;
  const number = Number(code);
  if (severity !== 1) return DEPRECATED.has(number) ? "warning" : "ignored";
  if (isImplicitAny(number) || number === DECORATOR) return "ignored";
  if (number === UNUSED_EXPECT_ERROR) return "warning";
  return isSyntax(number) ? "syntax" : "error";
}

/** What decorators are called with, or give back, is not what they take, or what is expected. */
export const DECORATOR_CALL = new Set([1238, 1239, 1240, 1241, 1270, 1271, 1278, 1279]);

/**
 * Is a decorator meant for the other of the two dialects, which the cell compiler then takes for the whole cell, whereas TypeScript
 * has one for all? It is if parameters are decorated, or if either side alone speaks of a context.
 */
export function isOtherDialect(diagnostic: Diagnostic): boolean {
  if (Number(diagnostic.code) === DECORATOR) return true;
  if (!DECORATOR_CALL.has(Number(diagnostic.code))) return false;
  const message = messageOf(diagnostic);
  const [, given = "", taken = ""] =
    /Argument of type '(.+)' is not assignable to parameter of type '(.+)'/.exec(message) ?? [];
  const isContext = (type: string): boolean => /^\w*DecoratorContext\b/.test(type);
  return isContext(given) !== isContext(taken) || /decorator expects 3\b/.test(message);
}

export function isShapeChange({ code, message }: { code: number; message: string }): boolean {
  return code === NOT_ASSIGNABLE && shapes.test(message) && !shapeError.test(message);
}

/** `Cell [3].A` where `Cell [1].A` was: cells that ran before it was declared anew are checked with the older, but run with the newest. */
const olderState =
  /^(?:Type|Argument of type) '(Cell \[\d+\]\.)?([\p{ID_Continue}$]+)(?:<[^'\n]*>)?' is not assignable to (?:parameter of )?type '(Cell \[\d+\]\.)?\2(?:<[^'\n]*>)?'/u;

/** The name that is meant in two states, if that is the problem. */
export function isOfOlderState({ message }: { message: string }): string | undefined {
  const [, given, name, taken] = olderState.exec(message) ?? [];
  return given === undefined && taken === undefined ? undefined : name;
}
