// Comparing derivatives with differences of values.

import { jvp, vjp } from "../transform/gradient.ts";
import { show, sizeOf } from "../shape.ts";
import { concrete, type Tensor, wrap } from "../trace.ts";
import { flatValues, onesLike } from "../create.ts";

/** How closely derivatives must agree. */
export interface GradcheckOptions {
  /** The step of the differences; 1e-6. */
  readonly eps?: number;
  /** The difference allowed; 1e-5. */
  readonly atol?: number;
  /** The difference allowed, relative to the size; 1e-3. */
  readonly rtol?: number;
}

type Function_ = (...inputs: Tensor[]) => Tensor;

function values(x: Tensor): ArrayLike<number> {
  return flatValues(concrete("gradcheck", x));
}

function unit(x: Tensor, place: number, size: number): Tensor {
  const data = new Float64Array(sizeOf(x.shape));
  data[place] = size;
  return wrap(data, x.shape, "f64");
}

/**
 * Throws unless the derivatives of `f` at `inputs`, by forward and by reverse accumulation, agree with central differences.
 *
 * @throws TypeError unless the inputs are f64; Error that names the first derivative that differs.
 * @example
 * gradcheck((x) => x.sin().mul(x), [tensor([1, 2], { dtype: "f64" })]) // true
 */
export function gradcheck(f: Function_, inputs: readonly Tensor[], options: GradcheckOptions = {}): true {
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3 } = options;
  for (const x of inputs) {
    if (x.dtype !== "f64")
      throw new TypeError(`gradcheck: differences need f64, not ${x.dtype}; convert the input: x.to("f64")`);
  }
  const xs = inputs.map((x) => x.detach());
  const [y, pullback] = vjp(f, ...xs);
  const outputs = sizeOf(y.shape);
  const rows = Array.from({ length: outputs }, (_, o) => pullback(unit(y, o, 1)).map((g) => values(g)));
  const close = (a: number, b: number): boolean => Math.abs(a - b) <= atol + rtol * Math.abs(b);
  xs.forEach((x, i) => {
    for (let k = 0; k < sizeOf(x.shape); k++) {
      const moved = (by: number): ArrayLike<number> =>
        values(f(...xs.map((v, j) => (j === i ? v.add(unit(x, k, by)) : v))));
      const up = moved(eps);
      const down = moved(-eps);
      const forward = values(
        jvp(
          f,
          xs,
          xs.map((v, j) => (j === i ? unit(x, k, 1) : v.mul(0))),
        )[1],
      );
      for (let o = 0; o < outputs; o++) {
        const difference = ((up[o] as number) - (down[o] as number)) / (2 * eps);
        const reverse = rows[o]?.[i]?.[k] as number;
        for (const [name, derivative] of [
          ["reverse", reverse],
          ["forward", forward[o] as number],
        ] as const) {
          // prettier-ignore
          if (close(derivative, difference)) continue;
          throw new Error(
            `gradcheck: output ${o} of ${show(y.shape)}, element ${k} of input ${i} ${show(x.shape)}: ${name} accumulation gives ${derivative}, differences give ${difference}`,
          );
        }
      }
    }
  });
  return true;
}

/**
 * {@link gradcheck} of the gradient of `f`: whether second derivatives are right.
 *
 * @throws TypeError unless the inputs are f64; Error that names the first derivative that differs.
 * @example
 * gradgradcheck((x) => x.tanh(), [tensor([1, 2], { dtype: "f64" })]) // true
 */
export function gradgradcheck(f: Function_, inputs: readonly Tensor[], options: GradcheckOptions = {}): true {
  inputs.forEach((_, i) => {
    const gradient = (...xs: Tensor[]): Tensor => {
      const [y, pullback] = vjp(f, ...xs);
      // A cotangent that differs from place to place, so that no error cancels.
      const ct = onesLike(y).add(
        wrap(
          Float64Array.from({ length: sizeOf(y.shape) }, (_unused, k) => 0.3 * (k % 5)),
          y.shape,
          "f64",
        ),
      );
      return pullback(ct)[i] as Tensor;
    };
    gradcheck(gradient, inputs, options);
  });
  return true;
}
