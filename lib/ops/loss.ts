// Losses, as PyTorch defines them (https://docs.pytorch.org/docs/stable/nn.functional.html#loss-functions): each compares an input to a
// target and is reduced to its mean unless said otherwise.

import { isFloat } from "../dtype.ts";
import { sameShape, type Shape, show, sizeOf } from "../shape.ts";
import { NO_STORAGE, type Tensor } from "../trace.ts";
import { dense } from "../views.ts";
import { logSoftmax } from "./activation.ts";
import { add, div, eq, gt, lt, maximum, mul, sub } from "./arithmetic.ts";
import { abs, exp, log, logSigmoid, relu, square } from "./elementwise.ts";
import { floating } from "./operand.ts";
import { mean, sum } from "./reduction.ts";
import { checkIndex, gather, gatherAlong } from "./indexing.ts";
import { where } from "./selection.ts";
import { cosineSimilarity } from "./normalization.ts";
import { moveAxis, reshape, unsqueeze } from "./view.ts";

/** What becomes of the losses of single elements. */
export type Reduction = "mean" | "sum" | "none";

/** How a loss is reduced. */
export interface LossOptions {
  readonly reduction?: Reduction;
}

function reduced(call: string, loss: Tensor, reduction: Reduction = "mean"): Tensor {
  switch (reduction) {
    case "mean":
      return mean(loss);
    case "sum":
      return sum(loss);
    case "none":
      return loss;
    default:
      throw new TypeError(`${call}: there is no reduction ${String(reduction)}; there are "mean", "sum" and "none"`);
  }
}

/** Broadcasting a target against its input is nearly always a mistake, and silently gives a loss of all pairs. */
function alike(call: string, input: Tensor, target: Tensor): [Tensor, Tensor] {
  if (!sameShape(input.shape, target.shape)) {
    throw new RangeError(`${call}: input and target differ in shape: ${show(input.shape)} and ${show(target.shape)}`);
  }
  return [floating(call, input), floating(call, target)];
}

/**
 * The mean squared error (x - y)².
 *
 * @throws RangeError when shapes differ.
 * @example
 * mseLoss(tensor([1, 2]), tensor([1, 4])) // 2
 */
export function mseLoss(input: Tensor, target: Tensor, { reduction }: LossOptions = {}): Tensor {
  const [x, y] = alike("mseLoss", input, target);
  return reduced("mseLoss", square(sub(x, y)), reduction);
}

/**
 * The mean absolute error |x - y|.
 *
 * @throws RangeError when shapes differ.
 * @example
 * l1Loss(tensor([1, 2]), tensor([1, 4])) // 1
 */
export function l1Loss(input: Tensor, target: Tensor, { reduction }: LossOptions = {}): Tensor {
  const [x, y] = alike("l1Loss", input, target);
  return reduced("l1Loss", abs(sub(x, y)), reduction);
}

/**
 * Quadratic up to δ, linear beyond: d² / 2 or δ (|d| - δ / 2), with d = x - y.
 *
 * @throws RangeError when shapes differ or δ is not positive.
 * @example
 * huberLoss(tensor([0]), tensor([3])) // 2.5
 */
export function huberLoss(
  input: Tensor,
  target: Tensor,
  { reduction, delta = 1 }: LossOptions & { delta?: number } = {},
): Tensor {
  if (!(delta > 0)) throw new RangeError(`huberLoss: delta must be positive, not ${delta}`);
  const [x, y] = alike("huberLoss", input, target);
  const d = abs(sub(x, y));
  const near = mul(square(d), 0.5);
  const far = mul(sub(d, delta / 2), delta);
  return reduced("huberLoss", where(lt(d, delta), near, far), reduction);
}

/**
 * {@link huberLoss} over β: d² / 2β up to β, |d| - β / 2 beyond.
 *
 * @throws RangeError when shapes differ or β is negative.
 * @example
 * smoothL1Loss(tensor([0]), tensor([3])) // 2.5
 */
export function smoothL1Loss(
  input: Tensor,
  target: Tensor,
  { reduction, beta = 1 }: LossOptions & { beta?: number } = {},
): Tensor {
  if (!(beta >= 0)) throw new RangeError(`smoothL1Loss: beta must not be negative, not ${beta}`);
  if (beta === 0) return l1Loss(input, target, reduction === undefined ? {} : { reduction });
  const [x, y] = alike("smoothL1Loss", input, target);
  const d = abs(sub(x, y));
  return reduced("smoothL1Loss", where(lt(d, beta), mul(square(d), 0.5 / beta), sub(d, beta / 2)), reduction);
}

/** Of numbers that are there to be read; a transformation's are not. */
function checkProbabilities(call: string, x: Tensor): void {
  if (x.storage === NO_STORAGE) return;
  const { storage, offset } = dense(x);
  for (let k = offset, end = offset + sizeOf(x.shape); k < end; k++) {
    const p = storage.data[k] as number;
    if (!(p >= 0 && p <= 1)) {
      throw new RangeError(
        `${call}: ${p} is not a probability; of scores before a sigmoid take binaryCrossEntropyWithLogits`,
      );
    }
  }
}

/**
 * The cross-entropy of probabilities and targets between 0 and 1: -(y log x + (1 - y) log(1 - x)), logarithms no lower than -100. For the
 * output of a network before its sigmoid use {@link binaryCrossEntropyWithLogits}, which does not overflow.
 *
 * @throws RangeError when shapes differ, or an input is no probability.
 * @example
 * binaryCrossEntropy(tensor([0.9]), tensor([1])) // 0.1054
 */
export function binaryCrossEntropy(input: Tensor, target: Tensor, { reduction }: LossOptions = {}): Tensor {
  const [x, y] = alike("binaryCrossEntropy", input, target);
  checkProbabilities("binaryCrossEntropy", x);
  const hit = mul(y, maximum(log(x), -100));
  const miss = mul(sub(1, y), maximum(log(sub(1, x)), -100));
  return reduced("binaryCrossEntropy", mul(add(hit, miss), -1), reduction);
}

/**
 * {@link binaryCrossEntropy} of sigmoid(x): max(x, 0) - x y + log(1 + e^-|x|). `posWeight` weighs the positive targets.
 *
 * @throws RangeError when shapes differ.
 * @example
 * binaryCrossEntropyWithLogits(tensor([0]), tensor([1])) // 0.6931
 */
export function binaryCrossEntropyWithLogits(
  input: Tensor,
  target: Tensor,
  { reduction, posWeight }: LossOptions & { posWeight?: Tensor } = {},
): Tensor {
  const [x, y] = alike("binaryCrossEntropyWithLogits", input, target);
  // -y log σ(x) - (1 - y) log σ(-x) = (1 - y) x - (1 + (w - 1) y) log σ(x)
  const weight = posWeight === undefined ? 1 : add(mul(sub(posWeight, 1), y), 1);
  return reduced("binaryCrossEntropyWithLogits", sub(mul(sub(1, y), x), mul(weight, logSigmoid(x))), reduction);
}

/** Options of losses over classes. */
export interface ClassLossOptions extends LossOptions {
  /** What each class counts. */
  readonly weight?: Tensor;
  /** Targets that count for nothing. */
  readonly ignoreIndex?: number;
}

function classesLast(call: string, x: Tensor): Tensor {
  if (x.shape.length === 0) throw new RangeError(`${call}: expected scores of classes, got a single number`);
  return x.shape.length <= 2 ? x : moveAxis(x, 1, -1);
}

/**
 * The negative log-likelihood of class indices: -x[target], for log-probabilities x [batch, classes, ..] and targets [batch, ..].
 *
 * @throws TypeError for targets that are not whole numbers; RangeError when shapes do not fit or a class is not there.
 * @example
 * nllLoss(logSoftmax(x, 1), tensor([0, 2], { dtype: "i32" }))
 */
export function nllLoss(input: Tensor, target: Tensor, options: ClassLossOptions = {}): Tensor {
  return likelihood("nllLoss", input, target, options);
}

function likelihood(
  call: string,
  input: Tensor,
  target: Tensor,
  { reduction, weight, ignoreIndex }: ClassLossOptions,
): Tensor {
  const x = classesLast(call, floating(call, input));
  if (isFloat(target.dtype)) {
    throw new TypeError(
      `${call}: targets are class indices (i32), not ${target.dtype}; convert them: target.to("i32")`,
    );
  }
  if (!sameShape(target.shape, x.shape.slice(0, -1))) {
    throw new RangeError(`${call}: targets ${show(target.shape)} do not fit scores ${show(input.shape)}`);
  }
  const counted = ignoreIndex === undefined ? undefined : eq(target, ignoreIndex).logicalNot();
  const safe = counted === undefined ? target : where(counted, target, 0);
  checkIndex(call, safe, x.shape.at(-1) ?? 1);
  const picked = gatherAlong(x, x.shape.length - 1, unsqueeze(safe, -1));
  let loss = mul(reshape(picked, target.shape), -1);
  if (weight === undefined && counted === undefined) return reduced(call, loss, reduction);
  let counts: Tensor = loss.mul(0).add(1);
  if (weight !== undefined) counts = reshape(gather(weight, 0, reshape(safe, [-1] as Shape)), target.shape);
  if (counted !== undefined) counts = where(counted, counts, 0);
  loss = mul(where(eq(counts, 0), 0, loss), counts);
  return reduction === "none" || reduction === "sum" ? reduced(call, loss, reduction) : div(sum(loss), sum(counts));
}

/**
 * The cross-entropy of softmax(x) and the targets: class indices [batch, ..], or probabilities of the shape of x [batch, classes, ..].
 * `labelSmoothing` spreads that part of each target over all classes.
 *
 * @throws RangeError when shapes do not fit or a class is not there.
 * @example
 * crossEntropy(tensor([[2, 1, 0]]), tensor([0], { dtype: "i32" })) // 0.4076
 */
export function crossEntropy(
  input: Tensor,
  target: Tensor,
  options: ClassLossOptions & { readonly labelSmoothing?: number } = {},
): Tensor {
  const { reduction, labelSmoothing: smoothing = 0 } = options;
  if (!(smoothing >= 0 && smoothing <= 1))
    throw new RangeError(`crossEntropy: labelSmoothing ${smoothing} is not in [0, 1]`);
  const scores = floating("crossEntropy", input);
  const axis = scores.shape.length === 1 ? 0 : 1;
  const logs = logSoftmax(scores, axis);
  if (isFloat(target.dtype)) {
    if (!sameShape(target.shape, scores.shape)) {
      throw new RangeError(
        `crossEntropy: ${target.dtype} targets are probabilities and need the shape of the scores, ${show(scores.shape)}, not ${show(target.shape)}; class indices are i32`,
      );
    }
    const classes = scores.shape[axis] as number;
    const smooth = smoothing === 0 ? target : add(mul(target, 1 - smoothing), smoothing / classes);
    const loss = mul(sum(mul(smooth, logs), axis), -1);
    return reduced("crossEntropy", loss, reduction);
  }
  const hit = likelihood("crossEntropy", logs, target, options);
  if (smoothing === 0) return hit;
  const even = reduced("crossEntropy", mul(mean(logs, axis), -1), reduction);
  return add(mul(hit, 1 - smoothing), mul(even, smoothing));
}

/**
 * The Kullback-Leibler divergence y (log y - x) of a target distribution y from log-probabilities x; "batchmean" divides the sum by the
 * batch, which is the divergence proper.
 *
 * @throws RangeError when shapes differ.
 * @example
 * klDiv(logSoftmax(x, 1), target, { reduction: "batchmean" })
 */
export function klDiv(
  input: Tensor,
  target: Tensor,
  { reduction }: { reduction?: Reduction | "batchmean" } = {},
): Tensor {
  const [x, y] = alike("klDiv", input, target);
  const safe = where(gt(y, 0), y, 1);
  const loss = sub(mul(y, log(safe)), mul(y, x));
  if (reduction === "batchmean") return div(sum(loss), x.shape[0] ?? 1);
  return reduced("klDiv", loss, reduction);
}

/**
 * x for targets of 1, max(0, margin - x) for targets of -1.
 *
 * @throws RangeError when shapes differ.
 * @example
 * hingeEmbeddingLoss(tensor([0.3]), tensor([-1])) // 0.7
 */
export function hingeEmbeddingLoss(
  input: Tensor,
  target: Tensor,
  { reduction, margin = 1 }: LossOptions & { margin?: number } = {},
): Tensor {
  const [x, y] = alike("hingeEmbeddingLoss", input, target);
  const loss = add(where(eq(y, 1), x, 0), where(eq(y, -1), relu(sub(margin, x)), 0));
  return reduced("hingeEmbeddingLoss", loss, reduction);
}

/**
 * The Poisson negative log-likelihood eˣ - y x of counts y.
 *
 * @throws RangeError when shapes differ.
 * @example
 * poissonNllLoss(tensor([0]), tensor([1])) // 1
 */
export function poissonNllLoss(input: Tensor, target: Tensor, { reduction }: LossOptions = {}): Tensor {
  const [x, y] = alike("poissonNllLoss", input, target);
  return reduced("poissonNllLoss", sub(exp(x), mul(y, x)), reduction);
}

/**
 * 1 - cos of the angle for targets of 1, max(0, cos - margin) for targets of -1.
 *
 * @throws RangeError when shapes do not fit.
 * @example
 * cosineEmbeddingLoss(a, b, tensor([1, -1]))
 */
export function cosineEmbeddingLoss(
  a: Tensor,
  b: Tensor,
  target: Tensor,
  { reduction, margin = 0 }: LossOptions & { margin?: number } = {},
): Tensor {
  const cosine = cosineSimilarity(a, b);
  const loss = where(eq(target, 1), sub(1, cosine), relu(sub(cosine, margin)));
  return reduced("cosineEmbeddingLoss", loss, reduction);
}
