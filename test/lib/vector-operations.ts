// What each name in the files of reference values means in this library.

import * as lib from "../../lib/index.ts";
import type { Tensor } from "../../lib/index.ts";

export type Attrs = Readonly<Record<string, unknown>>;
type Operation = (inputs: readonly Tensor[], attrs: Attrs) => Tensor;

/** JSON has no infinities: they come as strings. */
export function numberOf(x: number | string): number {
  return typeof x === "number" ? x : x === "nan" ? NaN : x === "inf" ? Infinity : -Infinity;
}

/** `output_padding` → `outputPadding` */
function camelKeys(attrs: Attrs): Attrs {
  const camel = (name: string): string => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(attrs).map(([name, value]) => [camel(name), value]));
}

const one =
  (f: (x: Tensor) => Tensor): Operation =>
  ([x]) =>
    f(x as Tensor);
const two =
  (f: (a: Tensor, b: Tensor) => Tensor): Operation =>
  ([a, b]) =>
    f(a as Tensor, b as Tensor);
const three =
  (f: (a: Tensor, b: Tensor, c: Tensor, attrs: Attrs) => Tensor): Operation =>
  ([a, b, c], attrs) =>
    f(a as Tensor, b as Tensor, c as Tensor, attrs);
const along =
  (f: (x: Tensor, dim: number) => Tensor): Operation =>
  ([x], { dim }) =>
    f(x as Tensor, dim as number);

type Reduce = (x: Tensor, dim: number, keepdim: boolean) => Tensor;
const reduced =
  (f: Reduce): Operation =>
  ([x], { dim, keepdim }) =>
    f(x as Tensor, (dim ?? undefined) as number, (keepdim ?? false) as boolean);
type Loss = (a: Tensor, b: Tensor, options: never) => Tensor;
const loss =
  (f: Loss): Operation =>
  ([a, b], attrs) =>
    f(a as Tensor, b as Tensor, attrs as never);

const linearAlgebra: Record<string, Operation> = {
  matmul: two((a, b) => a.matmul(b)),
  einsum: (inputs, { equation }) => lib.einsum(equation as string, ...inputs),
  linear: three(lib.linear),
  bilinear_form: three((x, a, y) => x.matmul(a).matmul(y)),
  inverse: one(lib.inverse),
  det: one(lib.det),
  // The generator made the input positive definite from a and its transpose.
  cholesky_sum: one((a) => a.add(a.t()).div(2).cholesky()),
  solve: two(lib.solve),
  trace: one(lib.trace),
};

const elementwise: Record<string, Operation> = {
  ...Object.fromEntries(
    [
      "neg",
      "exp",
      "expm1",
      "sin",
      "cos",
      "tan",
      "tanh",
      "sinh",
      "cosh",
      "atan",
      "asin",
      "acos",
      "asinh",
      "atanh",
      "sigmoid",
      "abs",
      "square",
      "erf",
      "relu",
      "softplus",
      "silu",
      "gelu",
      "elu",
      "selu",
      "mish",
      "softsign",
      "hardtanh",
      "hardsigmoid",
      "hardswish",
      "sign",
      "floor",
      "round",
      "log",
      "log1p",
      "log2",
      "log10",
      "sqrt",
      "rsqrt",
      "reciprocal",
      "lgamma",
    ].map(
      // prettier-ignore
      (name) => [name, one((x) => (lib as unknown as Record<string, (t: Tensor) => Tensor>)[name]?.(x) as Tensor)],
    ),
  ),
  softplus: ([x], { beta, threshold }) => lib.softplus(x as Tensor, (beta ?? 1) as number, (threshold ?? 20) as number),
  elu: ([x], { alpha }) => lib.elu(x as Tensor, (alpha ?? 1) as number),
  gelu_tanh: one((x) => x.gelu("tanh")),
  logsigmoid: one(lib.logSigmoid),
  "leaky_relu_0.1": one((x) => x.leakyRelu(0.1)),
  add: two(lib.add),
  sub: two(lib.sub),
  mul: two(lib.mul),
  div: two(lib.div),
  maximum: two(lib.maximum),
  minimum: two(lib.minimum),
  atan2: two(lib.atan2),
  hypot: two(lib.hypot),
  pow: two(lib.pow),
  pow_scalar: ([x], { exponent }) => (x as Tensor).pow(exponent as number),
  where: two((a, b) => lib.where(a.gt(0), a, b)),
  clamp: ([x], { min, max }) => (x as Tensor).clamp((min ?? undefined) as number, (max ?? undefined) as number),
  lerp: ([a, b], { weight }) => lib.lerp(a as Tensor, b as Tensor, weight as number),
  rosenbrock: one((x) => {
    const n = x.shape[0] as number;
    const head = x.slice([0, n - 1]);
    const tail = x.slice([1, n]);
    return tail.sub(head.square()).square().mul(100).add(head.sub(1).square()).sum();
  }),
};

const reductions: Record<string, Operation> = {
  sum: reduced((x, dim, keepdim) => x.sum(dim, keepdim)),
  mean: reduced((x, dim, keepdim) => x.mean(dim, keepdim)),
  prod: reduced((x, dim, keepdim) => x.prod(dim, keepdim)),
  amax: reduced((x, dim, keepdim) => x.amax(dim, keepdim)),
  amin: reduced((x, dim, keepdim) => x.amin(dim, { keepdim })),
  logsumexp: reduced((x, dim, keepdim) => x.logsumexp(dim, keepdim)),
  var: ([x], { dim, keepdim, correction }) =>
    (x as Tensor).var(dim as number, { keepdim: keepdim as boolean, correction: correction as number }),
  std: ([x], { dim, keepdim, correction }) =>
    (x as Tensor).std(dim as number, { keepdim: keepdim as boolean, correction: correction as number }),
  sum_all: one((x) => x.sum()),
  mean_all: one((x) => x.mean()),
  prod_all: one((x) => x.prod()),
  var_all: one((x) => x.var()),
  norm: one((x) => x.norm()),
  max_all: one((x) => x.max()),
  cumsum: along(lib.cumsum),
  cumprod: along(lib.cumprod),
  softmax: along(lib.softmax),
  log_softmax: along(lib.logSoftmax),
};

type Sliced = [number | null, number | null, number | null];

const movement: Record<string, Operation> = {
  reshape: ([x], { shape }) => (x as Tensor).reshape(shape as number[]),
  transpose: ([x], { dims }) =>
    (x as Tensor).transpose((dims as number[])[0] as number, (dims as number[])[1] as number),
  permute: ([x], { dims }) => (x as Tensor).permute(dims as number[]),
  slice: ([x], { slice }) => (x as Tensor).slice(...(slice as Sliced[])),
  select: ([x], { dim, index }) => (x as Tensor).select(dim as number, index as number),
  expand: ([x], { shape }) => (x as Tensor).expand(shape as number[]),
  cat: (inputs, { dim }) => lib.cat(inputs, dim as number),
  stack: (inputs, { dim }) => lib.stack(inputs, dim as number),
  flip: ([x], { dims }) => (x as Tensor).flip(dims as number[]),
  roll: ([x], { shift, dim }) => (x as Tensor).roll(shift as number, dim as number),
  pad: ([x], { pad }) => (x as Tensor).pad(pad as number[]),
  tril: one(lib.tril),
  triu: one(lib.triu),
  diag: one(lib.diag),
  repeat: ([x], { repeats }) => (x as Tensor).repeat(repeats as number[]),
  squeeze: along((x, dim) => x.squeeze(dim)),
  unsqueeze: along((x, dim) => x.unsqueeze(dim)),
  index_select: ([x, index], { dim }) => (x as Tensor).indexSelect(dim as number, index as Tensor),
  gather: ([x, index], { dim }) => (x as Tensor).gather(dim as number, index as Tensor),
  embedding: two((weight, index) => lib.embedding(index, weight)),
  masked_fill: ([x], { value }) => (x as Tensor).maskedFill((x as Tensor).gt(0), value as number),
  scatter_add: three((x, index, source, { dim }) => x.scatterAdd(dim as number, index, source)),
  sort: along((x, dim) => x.sort(dim).values),
  topk2: ([x], { k, dim }) => (x as Tensor).topk(k as number, dim as number).values,
};

const layers: Record<string, Operation> = {
  conv1d: three((x, w, b, attrs) => lib.conv1d(x, w, b, attrs)),
  conv2d: three((x, w, b, attrs) => lib.conv2d(x, w, b, attrs)),
  conv_transpose1d: ([x, w, b], attrs) => lib.convTranspose1d(x as Tensor, w as Tensor, b, camelKeys(attrs)),
  conv_transpose2d: ([x, w, b], attrs) => lib.convTranspose2d(x as Tensor, w as Tensor, b, camelKeys(attrs)),
  max_pool2d: ([x], { kernel, ...options }) => lib.maxPool2d(x as Tensor, kernel as number, options),
  avg_pool2d: ([x], { kernel, ...options }) => lib.avgPool2d(x as Tensor, kernel as number, options),
  layer_norm: three((x, w, b, { normalized_shape: shape, eps }) =>
    lib.layerNorm(x, shape as number[], w, b, eps as number),
  ),
  batch_norm_train: three((x, w, b, { eps }) => lib.batchNorm(x, w, b, eps as number)),
  rms_norm: ([x, w], { eps }) => lib.rmsNorm(x as Tensor, (w as Tensor).shape, w, eps as number),
  group_norm: three((x, w, b, { groups, eps }) => lib.groupNorm(x, groups as number, w, b, eps as number)),
  sdpa: three((q, k, v) => lib.scaledDotProductAttention(q, k, v)),
  normalize: ([x], { dim, p, eps }) =>
    lib.normalize(x as Tensor, { dim: dim as number, p: p as number, eps: eps as number }),
  cosine_similarity: ([a, b], { dim }) => lib.cosineSimilarity(a as Tensor, b as Tensor, { dim: dim as number }),
  mlp_231: ([x, w1, b1, w2, b2]) => {
    const hidden = lib.linear(x as Tensor, w1 as Tensor, b1).sigmoid();
    return lib.linear(hidden, w2 as Tensor, b2).sigmoid();
  },
};

const losses: Record<string, Operation> = {
  cross_entropy: loss(lib.crossEntropy),
  cross_entropy_smooth: ([x, y], { label_smoothing: labelSmoothing }) =>
    lib.crossEntropy(x as Tensor, y as Tensor, { labelSmoothing: labelSmoothing as number }),
  cross_entropy_soft: loss(lib.crossEntropy),
  mse_loss: loss(lib.mseLoss),
  l1_loss: loss(lib.l1Loss),
  smooth_l1_loss: loss(lib.smoothL1Loss),
  huber_loss: loss(lib.huberLoss),
  bce: loss(lib.binaryCrossEntropy),
  bce_with_logits: loss(lib.binaryCrossEntropyWithLogits),
  nll_loss: ([x, y], { reduction }) => lib.nllLoss(lib.logSoftmax(x as Tensor, 1), y as Tensor, { reduction } as never),
  kl_div: ([a, b], { reduction }) => lib.klDiv(lib.logSoftmax(a as Tensor, 1), b as Tensor, { reduction } as never),
  hinge_embedding: two((a, b) => lib.hingeEmbeddingLoss(a, b)),
};

export const operations: Readonly<Record<string, Operation>> = {
  ...linearAlgebra,
  ...elementwise,
  ...reductions,
  ...movement,
  ...layers,
  ...losses,
};
