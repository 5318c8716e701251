// Small sets of points in the plane that need a hidden layer.

import { defaultGenerator, type Generator } from "../random.ts";
import type { Shape } from "../shape.ts";
import { type Tensor, wrap } from "../trace.ts";
import { TensorDataset } from "./loader.ts";

type Points = TensorDataset<readonly [x: Tensor<[number, 2]>, y: Tensor<[number]>]>;

/** How points are drawn. */
export interface PointsOptions {
  /** The standard deviation of the noise. */
  readonly noise?: number;
  readonly generator?: Generator;
}

function points(
  n: number,
  at: (k: number) => readonly [x: number, y: number, label: number],
  noise: number,
  generator: Generator,
): Points {
  const places = new Float32Array(2 * n);
  const labels = new Int32Array(n);
  for (let k = 0; k < n; k++) {
    const [x, y, label] = at(k);
    places[2 * k] = x + noise * generator.normal();
    places[2 * k + 1] = y + noise * generator.normal();
    labels[k] = label;
  }
  return new TensorDataset(wrap(places, [n, 2], "f32"), wrap(labels, [n], "i32")) as unknown as Points;
}

/**
 * The four cases of exclusive or: x [4, 2] and y [4, 1], as f32.
 *
 * @example
 * const [x, y] = data.xor().tensors;
 */
export function xor(): TensorDataset<readonly [x: Tensor<[4, 2]>, y: Tensor<[4, 1]>]> {
  const x = wrap(Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), [4, 2] as Shape, "f32");
  const y = wrap(Float32Array.of(0, 1, 1, 0), [4, 1] as Shape, "f32");
  return new TensorDataset(x, y) as unknown as TensorDataset<readonly [x: Tensor<[4, 2]>, y: Tensor<[4, 1]>]>;
}

/**
 * Two half circles that reach into each other: points [n, 2] and classes [n].
 *
 * @example
 * const [x, y] = data.moons(200).tensors;
 */
export function moons(n: number, { noise = 0.1, generator = defaultGenerator() }: PointsOptions = {}): Points {
  const upper = Math.ceil(n / 2);
  const at = (k: number): readonly [number, number, number] => {
    const first = k < upper;
    const place = first ? k : k - upper;
    const angle = (Math.PI * place) / Math.max(1, (first ? upper : n - upper) - 1);
    return first ? [Math.cos(angle), Math.sin(angle), 0] : [1 - Math.cos(angle), 0.5 - Math.sin(angle), 1];
  };
  return points(n, at, noise, generator);
}

/**
 * Arms of a spiral, one a class: points [n, 2] and classes [n].
 *
 * @example
 * const [x, y] = data.spirals(300, { arms: 3 }).tensors;
 */
export function spirals(
  n: number,
  { arms = 2, noise = 0.02, generator = defaultGenerator() }: PointsOptions & { readonly arms?: number } = {},
): Points {
  const at = (k: number): readonly [number, number, number] => {
    const arm = k % arms;
    const along = Math.floor(k / arms) / Math.max(1, Math.ceil(n / arms) - 1);
    const angle = 1.5 * 2 * Math.PI * along + (2 * Math.PI * arm) / arms;
    return [along * Math.cos(angle), along * Math.sin(angle), arm];
  };
  return points(n, at, noise, generator);
}
