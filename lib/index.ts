// Adjoint's library: what `import … from "adjoint"` gives.

export { Tensor } from "./tensor.ts";
export { isTensor } from "./trace.ts";
export type { DType, Data } from "./dtype.ts";
export type { Shape } from "./shape.ts";
export type { ShapeError } from "./shape-types.ts";
export { arange, eye, full, fullLike, linspace, ones, onesLike, tensor, zeros, zerosLike } from "./create.ts";
export type { Options } from "./create.ts";
export {
  abs, acos, acosh, asin, asinh, atan, atanh, ceil, cos, cosh, digamma, erf, exp, expm1, floor, lgamma, log, log10, log1p, log2, logSigmoid, neg, polygamma, reciprocal, relu, round, rsqrt, sigmoid, sign, sin, sinh, sqrt, square, tan, tanh, trunc,
} from "./ops/elementwise.ts"; // prettier-ignore
export {
  add, atan2, clamp, div, eq, ge, gt, hypot, le, lerp, logicalAnd, logicalNot, logicalOr, lt, maximum, minimum, mul, ne, pow, remainder, sub,
} from "./ops/arithmetic.ts"; // prettier-ignore
export * from "./ops/activation.ts";
export {
  all, amax, amin, any, argmax, argmin, cumprod, cumsum, logsumexp, mean, norm, prod, std, sum, variance,
} from "./ops/reduction.ts"; // prettier-ignore
export type { NormOptions, VarianceOptions } from "./ops/reduction.ts";
export {
  at, expand, flatten, flip, permute, reshape, select, slice, split, squeeze, t, transpose, unbind, unfold, unsqueeze,
} from "./ops/view.ts"; // prettier-ignore
export type { Range } from "./ops/view.ts";
export { diag, diagonal, tril, triu } from "./ops/diagonal.ts"; // prettier-ignore
export { argsort, embedding, gather, indexSelect, oneHot, scatterAdd, sort, topk } from "./ops/indexing.ts"; // prettier-ignore
export { cat, clone, maskedFill, pad, repeat, roll, stack, stopGradient, where } from "./ops/selection.ts"; // prettier-ignore
export {
  cholesky, det, dot, inverse, linear, matmul, outer, solve, tensordot, vdot,
} from "./ops/linear-algebra.ts"; // prettier-ignore
export { einsum } from "./ops/einsum.ts";
export {
  avgPool1d, avgPool2d, conv1d, conv2d, convTranspose1d, convTranspose2d, maxPool1d, maxPool2d,
} from "./ops/convolution.ts"; // prettier-ignore
export type { ConvolutionOptions, ConvolutionTransposeOptions, PoolingOptions } from "./ops/convolution.ts";
export {
  batchNorm, cosineSimilarity, groupNorm, layerNorm, normalize, rmsNorm, scaledDotProductAttention,
} from "./ops/normalization.ts"; // prettier-ignore
export {
  binaryCrossEntropy, binaryCrossEntropyWithLogits, cosineEmbeddingLoss, crossEntropy, hingeEmbeddingLoss, huberLoss, klDiv, l1Loss, mseLoss,
  nllLoss, poissonNllLoss, smoothL1Loss,
} from "./ops/loss.ts"; // prettier-ignore
export type { ClassLossOptions, LossOptions } from "./ops/loss.ts";
export { enableGrad, isGradEnabled, noGrad } from "./tape.ts";
/** Gradients as results, apart from `.grad`. */
export * as autograd from "./autograd.ts";
export type { BackwardOptions } from "./reverse.ts";
export { grad, jvp, linearize, valueAndGrad, vjp } from "./transform/gradient.ts";
export type { Gradient, GradOptions } from "./transform/gradient.ts";
export { hessian, hvp, jacfwd, jacrev } from "./transform/jacobian.ts";
export type { Jacobian, JacobianOptions } from "./transform/jacobian.ts";
export { vmap } from "./transform/vmap.ts";
export type { VmapOptions } from "./transform/vmap.ts";
export { checkpoint, customJvp, customVjp } from "./transform/custom.ts";
export { treeLeaves, treeMap } from "./tree.ts";
export {
  bernoulli, Generator, multinomial, rand, randint, randLike, randn, randnLike, randperm, seed,
} from "./random.ts"; // prettier-ignore
export type { RandomOptions } from "./random.ts";
/** Sets of examples, small synthetic sets, and batches of them. */
export * as data from "./data/index.ts";
/** Modules, layers, initialisations and losses. */
export * as nn from "./nn/index.ts";
/** Optimizers, schedules of their rates, and bounds of gradients. */
export * as optim from "./optim/index.ts";
export { detectAnomaly } from "./inspect/anomaly.ts";
export { gradcheck, gradgradcheck } from "./inspect/gradcheck.ts";
export type { GradcheckOptions } from "./inspect/gradcheck.ts";
export { numericGradient } from "./inspect/numeric.ts";
export { trace } from "./inspect/graph.ts";
export type { Graph, GraphNode } from "./inspect/graph.ts";
export { measure } from "./inspect/measure.ts";
export type { Cost } from "./inspect/measure.ts";
export { loadSafetensors, saveSafetensors } from "./safetensors.ts";
export {
  allclose, bincount, equal, isclose, isfinite, isinf, isnan, maskedSelect, max, median, min, nonzero,
} from "./ops/comparison.ts"; // prettier-ignore
export type { CloseOptions } from "./ops/comparison.ts";
export type { NestedArray } from "./methods/value.ts";
export type { Index } from "./methods/view.ts";
export { bmm, chunk, exp2, floorDivide, logaddexp, meshgrid, tile, xlogy } from "./ops/composite.ts";
// prettier-ignore
export {
  absolute, array, asTensor, broadcastTo, clip, concat, concatenate, divide, empty, emptyLike, expandDims, identity, manualSeed, mm, mod, moveaxis, movedim, multiply, mv, negative, power, ravel, subtract, swapaxes,
} from "./ops/aliases.ts";
// prettier-ignore
export {
  adaptiveAvgPool2d, corrcoef, countNonzero, cov, cross, deg2rad, diff, fmod, glu, histc, hstack, inner, kron, logicalXor, logspace, matrixPower, nanToNum, nansum, pairwiseDistance, quantile, rad2deg, repeatInterleave, searchsorted, take, trapezoid, tripletMarginLoss, unflatten, unique, vstack,
} from "./ops/numeric.ts";
export { backends, fallbacks, getBackend, setBackend } from "./backends.ts";
export { compareGradients } from "./display/compare.ts";
export type { Comparison, GradientComparison, Tolerance } from "./display/compare.ts";
export { gradients } from "./display/gradients.ts";
export type { GradientOptions, GradientRow, GradientTable } from "./display/gradients.ts";
export type { TensorImage, ImageOptions } from "./display/image.ts";
export type { Latex, LatexOptions } from "./display/latex.ts";
export type { Named } from "./display/named.ts";
export { lossCurve } from "./display/loss-curve.ts";
export type { LiveCurve, LossCurveOptions, LossSeries } from "./display/loss-curve.ts";
export { vegaLite } from "./display/chart.ts";
export type { Chart, Column, Spec } from "./display/chart.ts";
export { summary } from "./display/summary.ts";
export type { ModelSummary } from "./display/summary.ts";
export { tape } from "./display/tape.ts";
export type { TapeOptions, TapeRow, TapeTable } from "./display/tape.ts";
import "./display/install.ts";
export { graph } from "./display/graph.ts";
export type { ComputationGraph } from "./display/graph.ts";
export { progress } from "./display/progress.ts";
export type { Progress, ProgressOptions } from "./display/progress.ts";
export { range } from "./display/range.ts";
export { gradientNorms } from "./display/gradient-norms.ts";
export type { GradientNorms, GradientNormsOptions } from "./display/gradient-norms.ts";
export { histogram } from "./display/histogram.ts";
export type { Histogram, HistogramOptions } from "./display/histogram.ts";
export { decisionBoundary } from "./display/decision-boundary.ts";
export type { DecisionBoundaryOptions } from "./display/decision-boundary.ts";
export { functionFit } from "./display/function-fit.ts";
export type { FunctionFitOptions } from "./display/function-fit.ts";
export { confusionMatrix } from "./display/confusion-matrix.ts";
export type { ConfusionMatrixOptions } from "./display/confusion-matrix.ts";
