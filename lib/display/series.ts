// What users have of a curve, read as points: numbers in any kind of list, tensors, records such as {step, loss}, and several of them
// by name, one level deep or two.

import { concrete, isTensor, type Tensor } from "../trace.ts";
import { flatValues } from "../create.ts";
import { sizeOf } from "../shape.ts";
import { clip } from "./bundle.ts";

/** One number: what a step gives. */
export type Scalar = number | bigint | Tensor;
/** Numbers in their order, or records with a step and one or several values. */
export type Series = Tensor | ArrayLike<Scalar> | Iterable<Scalar> | readonly Readonly<Record<string, Scalar>>[];

/** The points of one curve. */
export interface Curve {
  /** The series it belongs to, such as a run; null where there is one level of names. */
  readonly run: string | null;
  readonly name: string;
  readonly xs: ArrayLike<number> | null;
  readonly ys: ArrayLike<number>;
}

const STEPS = ["step", "epoch", "iteration", "iter", "batch", "t", "time", "x"];

/** The number that is meant. */
export function scalar(call: string, x: unknown): number {
  if (typeof x === "number") return x;
  if (typeof x === "bigint") return Number(x);
  if (isTensor(x) && sizeOf(x.shape) === 1) {
    const { storage, offset } = concrete(call, x);
    return storage.data[offset] as number;
  }
  const what = isTensor(x) ? `a tensor of shape [${x.shape.join(", ")}]` : x === null ? "null" : typeof x;
  throw new TypeError(`${call}: takes numbers, or tensors of one number, not ${what}`);
}

/** All numbers of a tensor or a list. */
export function numbers(call: string, values: unknown): ArrayLike<number> {
  if (isTensor(values)) return flatValues(concrete(call, values));
  if (ArrayBuffer.isView(values) && !("getInt8" in values)) {
    const view = values as unknown as ArrayLike<number | bigint>;
    return typeof view[0] === "bigint" ? Array.from(view, Number) : (view as ArrayLike<number>);
  }
  if (typeof values === "object" && values !== null && (Symbol.iterator in values || "length" in values)) {
    return Array.from(values as ArrayLike<unknown>, (x) => scalar(call, x));
  }
  const what = values === null ? "null" : typeof values;
  throw new TypeError(`${call}: takes numbers in an array, a typed array or a tensor, not ${what}`);
}

function isRecord(x: unknown): x is Record<string, unknown> {
  return typeof x === "object" && x !== null && !isTensor(x) && !ArrayBuffer.isView(x) && !(Symbol.iterator in x);
}

/** The curves of records: the one of their keys that counts steps is x, and the others are curves. */
function fromRecords(call: string, records: readonly Record<string, unknown>[], run: string | null): Curve[] {
  const keys = new Set(records.flatMap((record) => Object.keys(record)));
  const step = STEPS.find((key) => keys.has(key));
  const names = [...keys].filter((key) => key !== step);
  return names.map((name) => {
    const own = records.filter((record) => record[name] !== undefined && record[name] !== null);
    const xs = step === undefined ? null : own.map((record) => scalar(call, record[step]));
    return { run, name, xs, ys: own.map((record) => scalar(call, record[name])) };
  });
}

function fromSeries(call: string, series: unknown, name: string, run: string | null): Curve[] {
  if (Array.isArray(series) && series.length > 0 && isRecord(series[0])) {
    const curves = fromRecords(call, series as Record<string, unknown>[], run);
    // Of {step, loss} under a name, the name says more than "loss".
    return curves.length === 1 && name !== "" ? curves.map((curve) => ({ ...curve, name })) : curves;
  }
  return [{ run, name, xs: null, ys: numbers(call, series) }];
}

/** The curves of a series, of several by name, or of several runs of several each; `name` is that of a curve without one. */
export function readCurves(call: string, given: unknown, name: string): Curve[] {
  if (!isRecord(given) || "length" in given) {
    const curves = fromSeries(call, given, "", null);
    return curves.map((curve) => (curve.name === "" ? { ...curve, name } : curve));
  }
  return Object.entries(given).flatMap(([key, value]): Curve[] => {
    const label = clip(key);
    if (isRecord(value) && !("length" in value)) {
      return Object.entries(value).flatMap(([inner, series]) => fromSeries(call, series, clip(inner), label));
    }
    return fromSeries(call, value, label, null);
  });
}
