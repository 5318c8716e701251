// Where names may come from: the problem that was declared, definitions that the note makes, and values, numbers and functions of its cells.

import { isTensor, type Tensor } from "adjoint";
import { type DefinedFunction, namesIn } from "./evaluate.ts";
import { elementwise, type NumberFunction } from "./functions.ts";
import type { DefinedName } from "./inference.ts";
import { NUMBERS } from "./kinds.ts";
import type { Drawing, Problem } from "./problem.ts";
import { FUNCTIONS } from "./tex/notation.ts";
import { indicesOf } from "./tex/scripts.ts";
import { type Expression, fullName, keyOf, partsOf } from "./tex/tree.ts";
import type { Value } from "./values.ts";

export interface Definition extends DefinedName {
  /** Of the formula that makes it. */
  place: string;
  /** Of a function, `f(x) = …` */
  parameters?: readonly string[];
}

/** Where names may come from. */
export interface Sources {
  problem: Problem | undefined;
  /** Values of cells, by name. */
  cells: Readonly<Record<string, unknown>>;
  /** The ones that count for a formula, by key. */
  definitions: ReadonlyMap<string, Definition>;
  /** Keys of the names that gradients are of, with those of what they are with respect to. */
  differentiated: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Of a formula about any value, `\sigma'(z) = …`: by their full names. */
export type Bound = ReadonlyMap<string, Value>;

/** Why a formula cannot be checked. */
export class Unknown extends Error {}

/** Letters of sizes. */
const SIZES = new RegExp(`${NUMBERS.source}|^(?:[BCDHTbcdhpq]|batch|nin|nout)$`);

export function problemValue(
  problem: Problem | undefined,
  drawing: Drawing | undefined,
  key: string,
): Tensor | undefined {
  if (problem === undefined || drawing === undefined) return undefined;
  const { values } = drawing;
  const names = Object.keys(values);
  const name =
    names.find((one) => keyOf(one) === key) ??
    names.find((one) => keyOf(one).toLowerCase() === key.toLowerCase() && key.length > 1);
  return name === undefined ? undefined : values[name];
}

export function cellNamed(cells: Readonly<Record<string, unknown>>, key: string): unknown {
  const name = Object.keys(cells).find((one) => keyOf(one) === key);
  return name === undefined ? undefined : cells[name];
}

export function cellTensor(cells: Readonly<Record<string, unknown>>, key: string): Tensor | undefined {
  const value = cellNamed(cells, key);
  return isTensor(value) && value.shape.length <= 2 ? value : undefined;
}

/** The m of 1/m, where the cells say what it is: a whole number that some tensor of theirs has for a size. Others are drawn. */
export function cellSize({ cells, differentiated, definitions }: Sources, name: string): number | undefined {
  const key = keyOf(name);
  const value = cellNamed(cells, key);
  if (typeof value !== "number" || !SIZES.test(key) || definitions.has(key)) return undefined;
  const isDifferentiated = [...differentiated.values()].some((to) => to.has(key));
  const isSize = Object.values(cells).some((one) => isTensor(one) && one.shape.includes(value));
  return isSize && !isDifferentiated ? value : undefined;
}

export function functionOf({ cells }: Pick<Sources, "cells">, name: string): NumberFunction | undefined {
  const value = cells[name];
  // A library's function keeps its meaning in formulas.
  if (typeof value !== "function" || FUNCTIONS.has(name) || elementwise(name) !== undefined) return undefined;
  return (x) => {
    const y: unknown = (value as NumberFunction)(x);
    if (!isTensor(y)) throw new TypeError(`${name} of the cells gives no tensor`);
    return y;
  };
}

/** What the note says of it, unless the cells have it. */
export function definedFunction(sources: Sources, name: string): DefinedFunction | undefined {
  const { parameters, indices, expression } = sources.definitions.get(keyOf(name)) ?? {};
  if (parameters === undefined || indices === undefined || expression === undefined) return undefined;
  return functionOf(sources, name) === undefined ? { parameters, indices, expression } : undefined;
}

/** The names of sizes that sums run to, and the axis whose size each is: `\sum_{i=1}^n x_i`. */
export function sizesOfLimits({ definitions }: Sources): Map<string, { name: string; axis: number }> {
  const found = new Map<string, { name: string; axis: number }>();
  for (const { expression } of definitions.values())
    for (const [name, axis] of limitsIn(expression)) found.set(name, axis);
  return found;
}

export function limitsIn(expression: Expression): [string, { name: string; axis: number }][] {
  return partsOf(expression).flatMap((part): [string, { name: string; axis: number }][] => {
    if (part.kind !== "reduction" || part.limit?.kind !== "name" || part.index === undefined) return [];
    const { index, limit } = part;
    for (const name of namesIn(part.body)) {
      const axis = indicesOf(name.sub ?? "")?.indexOf(index) ?? -1;
      if (axis >= 0) return [[fullName(limit), { name: name.base, axis }]];
    }
    return [];
  });
}
