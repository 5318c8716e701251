// Handwritten digits: 1797 images of 8 × 8 pixels, the test part of the Optical Recognition of Handwritten Digits Data Set (E. Alpaydin and
// C. Kaynak, 1998; UCI Machine Learning Repository, https://doi.org/10.24432/C50P49, CC BY 4.0).

import { type Tensor, wrap } from "../trace.ts";
import { IMAGES } from "./digits-images.ts";
import { TensorDataset } from "./loader.ts";

const COUNT = 1797;
const PIXELS = 64;

/**
 * Images [1797, 1, 8, 8] with values from 0 to 1, and the digits they show [1797].
 *
 * @example
 * const [x, y] = data.digits().tensors;
 */
export function digits(): TensorDataset<readonly [x: Tensor<[1797, 1, 8, 8]>, y: Tensor<[1797]>]> {
  const x = new Float32Array(COUNT * PIXELS);
  const y = new Int32Array(COUNT);
  let image = 0;
  let pixel = 0;
  for (let k = 0; k < IMAGES.length; k++) {
    const code = IMAGES.charCodeAt(k);
    if (code >= 97) x[image * PIXELS + pixel++] = (code - 97) / 16;
    else if (code >= 65) pixel += code - 63;
    else {
      y[image++] = code - 48;
      pixel = 0;
    }
  }
  return new TensorDataset(wrap(x, [COUNT, 1, 8, 8] as [1797, 1, 8, 8], "f32"), wrap(y, [COUNT] as [1797], "i32"));
}
