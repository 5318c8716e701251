// A model as a function of plain numbers, for charts that draw what it makes of a plane or a line.

import { Module } from "../nn/module.ts";
import { flatValues } from "../create.ts";
import { noGrad } from "../tape.ts";
import { concrete, isTensor, type Tensor, wrap } from "../trace.ts";

/** A module, or a function of a tensor. */
export type Model = Module | ((x: Tensor) => unknown);

/** What a model makes of each row: `width` numbers of each, row after row. */
export interface Prediction {
  readonly values: ArrayLike<number>;
  readonly width: number;
}

/** Asks the model about `n` rows at once; its mode and gradients stay as they are. */
export function predict(
  call: string,
  model: Model,
  rows: Float32Array,
  n: number,
  shape: readonly number[],
): Prediction {
  const x = wrap(rows, shape, "f32");
  const training = model instanceof Module && model.training;
  let y: unknown;
  try {
    if (model instanceof Module) model.eval();
    y = noGrad(() => (model instanceof Module ? (Reflect.apply(model.forward, model, [x]) as unknown) : model(x)));
  } finally {
    if (training) model.train();
  }
  if (!isTensor(y)) throw new TypeError(`${call}: the model must return a tensor`);
  const values = flatValues(concrete(call, y));
  if (values.length === 0 || values.length % n !== 0) {
    throw new RangeError(
      `${call}: of an input of shape [${shape.join(", ")}] the model makes one of [${y.shape.join(", ")}]; one row for each was expected`,
    );
  }
  return { values, width: values.length / n };
}
