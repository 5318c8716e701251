// What displays add to tensors. tensor.ts puts it on the class.

import { setName } from "../names.ts";
import type { Shaped } from "../shape.ts";
import type { Tensor } from "../trace.ts";
import { type Bundle, DISPLAY } from "./bundle.ts";
import { type ImageOptions, TensorImage } from "./image.ts";
import { Latex, type LatexOptions, tensorLatex } from "./latex.ts";
import { tensorBundle } from "./tensor.ts";

export const displayMethods = {
  /**
   * Names this tensor for displays and formulas, and gives it back.
   *
   * @throws TypeError unless the name is text.
   * @example
   * const W1 = randn([3, 2], { requiresGrad: true }).named("W1");
   */
  named<X extends Shaped>(this: X & Tensor, name: string): Tensor<X["shape"]> {
    if (typeof name !== "string" || name === "") throw new TypeError(`named: a name is text, not ${String(name)}`);
    setName(this, name);
    return this;
  },
  /**
   * The tensor as a formula that a notebook typesets: a number, a row, a matrix in brackets; for more axes, matrices below each other.
   *
   * @example
   * tensor([[1, 2], [3, 4]]).latex({ name: "A" }) // A = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}
   */
  latex(this: Tensor, options: LatexOptions = {}): Latex {
    return new Latex(tensorLatex(this, options));
  },
  /**
   * The tensor as a picture: [h, w] in grey (or orange to blue with `signed`), [h, w, 3] or [3, h, w] in colours, several as [n, 1, h, w].
   * Numbers within 0 to 1 go from black to white, whole numbers from 0 to 255; else the smallest is black, the largest white.
   *
   * @throws RangeError for any other shape.
   * @example
   * data.digits().tensors[0].at(0, 0).image()
   */
  image(this: Tensor, options: ImageOptions = {}): TensorImage {
    return new TensorImage(this, options);
  },
  /** How a notebook shows this tensor. */
  [DISPLAY](this: Tensor): Bundle {
    return tensorBundle(this);
  },
};

export type DisplayMethods = typeof displayMethods;
