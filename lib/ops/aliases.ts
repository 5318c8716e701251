// Operations under the other names that PyTorch, NumPy and JAX have for them.

import { eye, tensor, zeros, zerosLike } from "../create.ts";
import { seed } from "../random.ts";
import { clamp, div, mul, pow, remainder, sub } from "./arithmetic.ts";
import { abs, neg } from "./elementwise.ts";
import { matmul } from "./linear-algebra.ts";
import { cat } from "./selection.ts";
import { expand, flatten, moveAxis, transpose, unsqueeze } from "./view.ts";

/**
 * {@link sub} under its other name.
 *
 * @example
 * subtract(tensor([3, 4]), 1) // [2, 3]
 */
export const subtract = sub;
/**
 * {@link mul} under its other name.
 *
 * @example
 * multiply(tensor([3, 4]), 2) // [6, 8]
 */
export const multiply = mul;
/**
 * {@link div} under its other name.
 *
 * @example
 * divide(tensor([3, 4]), 2) // [1.5, 2]
 */
export const divide = div;
/**
 * {@link neg} under its other name.
 *
 * @example
 * negative(tensor([3, -4])) // [-3, 4]
 */
export const negative = neg;
/**
 * {@link abs} under its other name.
 *
 * @example
 * absolute(tensor([3, -4])) // [3, 4]
 */
export const absolute = abs;
/**
 * {@link pow} under its other name.
 *
 * @example
 * power(tensor([3, 4]), 2) // [9, 16]
 */
export const power = pow;
/**
 * {@link remainder} under its other name.
 *
 * @example
 * mod(tensor([-1, 4]), 3) // [2, 1]
 */
export const mod = remainder;
/**
 * {@link clamp} under its other name.
 *
 * @example
 * clip(tensor([-3, 0.5, 4]), -1, 1) // [-1, 0.5, 1]
 */
export const clip = clamp;
/**
 * {@link cat} under its other name.
 *
 * @example
 * concatenate([tensor([1]), tensor([2, 3])]) // [1, 2, 3]
 */
export const concatenate = cat;
/**
 * {@link cat} under its other name.
 *
 * @example
 * concat([tensor([1]), tensor([2, 3])]) // [1, 2, 3]
 */
export const concat = cat;
/**
 * {@link matmul} under its other name.
 *
 * @example
 * mm(ones([2, 3]), ones([3, 1])) // [[3], [3]]
 */
export const mm = matmul;
/**
 * {@link matmul} under its other name.
 *
 * @example
 * mv(ones([2, 3]), ones([3])) // [3, 3]
 */
export const mv = matmul;
/**
 * {@link flatten} under its other name.
 *
 * @example
 * ravel(tensor([[1, 2], [3, 4]])) // [1, 2, 3, 4]
 */
export const ravel = flatten;
/**
 * {@link unsqueeze} under its other name.
 *
 * @example
 * expandDims(tensor([1, 2]), 0) // [[1, 2]]
 */
export const expandDims = unsqueeze;
/**
 * {@link expand} under its other name.
 *
 * @example
 * broadcastTo(tensor([1, 2]), [2, 2]) // [[1, 2], [1, 2]]
 */
export const broadcastTo = expand;
/**
 * {@link transpose} under its other name.
 *
 * @example
 * swapaxes(tensor([[1, 2], [3, 4]]), 0, 1) // [[1, 3], [2, 4]]
 */
export const swapaxes = transpose;
/**
 * The axis `from` moved to the place `to`.
 *
 * @example
 * moveaxis(zeros([2, 3, 4]), 0, 2) // shape [3, 4, 2]
 */
export const moveaxis = moveAxis;
/**
 * The axis `from` moved to the place `to`.
 *
 * @example
 * movedim(zeros([2, 3, 4]), 0, 2) // shape [3, 4, 2]
 */
export const movedim = moveAxis;
/**
 * {@link eye} under its other name.
 *
 * @example
 * identity(2) // [[1, 0], [0, 1]]
 */
export const identity = eye;
/**
 * {@link zeros}, for who would fill it anyway.
 *
 * @example
 * empty([2]) // [0, 0]
 */
export const empty = zeros;
/**
 * {@link zerosLike}, for who would fill it anyway.
 *
 * @example
 * emptyLike(tensor([1, 2])) // [0, 0]
 */
export const emptyLike = zerosLike;
/**
 * {@link tensor} under NumPy's name.
 *
 * @example
 * array([[1, 2], [3, 4]]) // [[1, 2], [3, 4]]
 */
export const array = tensor;
/**
 * {@link tensor} under its other name; it copies.
 *
 * @example
 * asTensor([1, 2]) // [1, 2]
 */
export const asTensor = tensor;
/**
 * {@link seed} under PyTorch's name.
 *
 * @example
 * manualSeed(42);
 */
export const manualSeed = seed;
