// What a function is called with, as users write it: tensors one after the other, or by name in one object; and what its parameters are called.

import { nameOf } from "../names.ts";
import { isTensor, type Tensor } from "../trace.ts";
import { namedTensors } from "./named.ts";

/** A call, and what was said after its inputs. */
export interface Call {
  readonly f: (...inputs: Tensor[]) => unknown;
  readonly inputs: readonly (readonly [name: string, Tensor])[];
  readonly options: unknown;
}

/** What `call(f, x, w, options)` or `call(f, { x, w }, options)` means; a function of one object gets one. */
export function callOf(call: string, f: (...inputs: never[]) => unknown, rest: readonly unknown[]): Call {
  const plain = f as (...inputs: Tensor[]) => unknown;
  const [first] = rest;
  if (first === undefined && f.length > 0) {
    throw new TypeError(`${call}: the function takes ${f.length === 1 ? "an argument" : `${f.length} arguments`}; pass its inputs by name, ${call}(f, { x, w }), or one after the other, ${call}(f, x, w)`); // prettier-ignore
  }
  if (isTensor(first)) {
    const count = rest.findIndex((x) => !isTensor(x));
    const inputs = (count < 0 ? rest : rest.slice(0, count)) as readonly Tensor[];
    const names = argumentNames(f, inputs.length);
    return {
      f: plain,
      inputs: inputs.map((x, k) => [nameOf(x) ?? (names[k] as string), x]),
      options: count < 0 ? undefined : rest[count],
    };
  }
  const inputs = first === undefined ? [] : namedTensors(call, first as object);
  const whole = takesObject(f) && isRecord(first);
  const given = (...xs: Tensor[]): unknown => Reflect.apply(f, undefined, [Object.fromEntries(inputs.map(([name], k) => [name, xs[k]]))]); // prettier-ignore
  return { f: whole ? given : plain, inputs, options: rest[1] };
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.values(value).every(isTensor);
}

/** Whether its one parameter is taken apart: `({ x, w }) => …`. */
function takesObject(f: (...inputs: never[]) => unknown): boolean {
  return (
    f.length === 1 &&
    /^(?:async\s+)?(?:function\s*[\w$]*\s*)?\(\s*\{/.test(Function.prototype.toString.call(f).slice(0, 400))
  );
}

/** Names for what a function is called with, from its own source where they stand there. */
export function argumentNames(f: (...inputs: never[]) => unknown, count: number): string[] {
  const source = Function.prototype.toString.call(f).slice(0, 400);
  const [, bare, list] =
    /^(?:async\s+)?(?:function\s*[\w$]*\s*)?(?:([\w$]+)\s*=>|(?:[\w$]+\s*)?\(([^()]*)\))/.exec(source) ?? [];
  const names = (bare ?? list ?? "").split(",").map((name) => name.trim());
  return Array.from({ length: count }, (_, k) => {
    const name = names[k] ?? "";
    return /^[\w$]+$/.test(name) ? name : count === 1 ? "x" : `x${k}`;
  });
}
