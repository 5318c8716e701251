// What users of PyTorch, NumPy and JAX try first is there, in camelCase, as a function or as a method. What is not has its reason here.

import assert from "node:assert/strict";
import * as lib from "../../lib/index.ts";

const words = (text: string): string[] => text.trim().split(/\s+/);
const camel = (name: string): string => name.replaceAll(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase());

const torch =
  words(`abs acos add all allclose amax amin any arange argmax argmin argsort as_tensor asin atan atan2 bincount bmm
  broadcast_to cat ceil chunk clamp clone concat corrcoef cos cosh count_nonzero cov cross cumprod cumsum deg2rad det diag diagonal
  diff div dot einsum empty empty_like enable_grad eq equal erf exp exp2 expm1 eye flatten flip floor floor_divide fmod full full_like gather ge
  gt histc hstack index_select inner inverse is_grad_enabled is_tensor isclose isfinite isinf isnan kron le lerp lgamma linspace log
  log10 log1p log2 logaddexp logical_and logical_not logical_or logical_xor logspace logsumexp lt manual_seed masked_fill masked_select
  matmul matrix_power max maximum mean median meshgrid min minimum mm moveaxis movedim mul multinomial mv nan_to_num nansum ne neg no_grad
  nonzero norm ones ones_like outer permute pow prod quantile rad2deg rand rand_like randint randn randn_like randperm ravel reciprocal
  relu remainder repeat_interleave reshape roll round rsqrt scatter_add searchsorted select sigmoid sign sin sinh softmax sort split sqrt
  square squeeze stack std sub sum swapaxes t take tan tanh tensor tensordot tile topk trace transpose trapezoid tril triu trunc unbind unflatten
  unfold unique unsqueeze vdot vstack where zeros zeros_like`);
const functional =
  words(`relu relu6 leaky_relu gelu elu selu silu mish softplus softsign softmax log_softmax hardtanh hardswish hardsigmoid glu
  prelu linear conv1d conv2d conv_transpose1d conv_transpose2d max_pool1d max_pool2d avg_pool1d avg_pool2d adaptive_avg_pool2d layer_norm
  batch_norm group_norm rms_norm normalize embedding one_hot pad cross_entropy mse_loss l1_loss smooth_l1_loss huber_loss
  binary_cross_entropy binary_cross_entropy_with_logits nll_loss kl_div cosine_similarity cosine_embedding_loss hinge_embedding_loss
  poisson_nll_loss pairwise_distance triplet_margin_loss scaled_dot_product_attention`);
const methods =
  words(`shape size dim ndim numel view reshape T mT t item tolist float double int bool to detach clone contiguous
  requires_grad requires_grad_ grad backward retain_grad is_leaf register_hook zero_ fill_ copy_ add_ sub_ mul_ div_ dtype expand permute transpose
  squeeze unsqueeze flatten repeat index_select gather masked_fill masked_select narrow split unbind sum mean prod std var max min argmax argmin
  any all abs sqrt exp log pow sigmoid tanh relu softmax log_softmax matmul mm dot eq ne lt gt le ge add sub mul div neg norm sort topk
  cumsum clip clamp data nonzero round floor ceil equal allclose movedim tril triu diag trace det inverse cholesky outer logsumexp`);
const numpy =
  words(`abs absolute add all allclose amax amin any arange argmax argmin argsort array broadcast_to ceil clip concatenate corrcoef cos
  cosh cov cross cumprod cumsum diag diff divide dot einsum exp expand_dims eye floor full hstack hypot identity inner isclose isfinite
  isinf isnan kron linspace log log1p logaddexp logical_and logspace matmul max maximum mean median meshgrid min minimum mod moveaxis
  multiply nan_to_num negative nonzero ones outer pad power prod quantile ravel reshape roll round searchsorted sign sin sort split sqrt square
  squeeze stack std subtract sum swapaxes take tanh tensordot tile trace transpose trapezoid tril triu trunc unique vdot vstack where zeros`);
const jax = words(
  `grad value_and_grad vjp jvp linearize jacfwd jacrev hessian vmap checkpoint custom_vjp custom_jvp stop_gradient tree_map tree_leaves`,
);
const modules = words(
  `Module Linear Conv1d Conv2d ConvTranspose1d ConvTranspose2d Embedding LayerNorm GroupNorm RMSNorm Dropout Sequential Flatten`,
);
const optimizers = words(
  "SGD Adam AdamW RMSprop Adagrad Adadelta Adamax NAdam RAdam Rprop clip_grad_norm_ clip_grad_value_",
);

/** Under another name, since JavaScript or this library has none of that form. */
const elsewhere = new Map([
  ["mm", "matmul"],
  ["clip_grad_norm_", "clipGradNorm"],
  ["clip_grad_value_", "clipGradValue"],
]);

function missing(names: readonly string[], ...holders: readonly object[]): string[] {
  return names.filter((name) => {
    const own = [camel(name), name, elsewhere.get(name) ?? name];
    return !holders.some((holder) => own.some((one) => one in holder));
  });
}

describe("names that users try first", () => {
  const x = lib.tensor([[1, 2], [3, 4]]); // prettier-ignore
  const cases: [string, string[], object[]][] = [
    ["torch.*", torch, [lib]],
    ["torch.nn.functional.*", functional, [lib]],
    ["Tensor.*", methods, [x]],
    ["jax.numpy.*", numpy, [lib]],
    ["jax.*", jax, [lib]],
    ["torch.nn.*", modules, [lib.nn]],
    ["torch.optim.*", optimizers, [lib.optim]],
  ];
  for (const [from, names, holders] of cases) {
    it(`of ${from} are there`, () => {
      assert.deepEqual(missing(names, ...holders), []);
      assert.ok(names.length > 10);
    });
  }

  it("of indexing by brackets say what to use instead", () => {
    assert.throws(() => Reflect.get(x, 0), /^TypeError: x\[0\]: brackets do not index a tensor; use x\.at\(0\)$/);
    assert.throws(
      () => Reflect.set(x, 1, 5),
      /^TypeError: x\[1\]: brackets do not index a tensor; use x\.at\(1\)\.copy_/,
    );
  });

  it("of the transposes mean what they mean there", () => {
    assert.deepEqual(x.T.toArray(), [[1, 3], [2, 4]]); // prettier-ignore
    assert.deepEqual(lib.ones([2, 3, 4]).mT.shape, [2, 4, 3]);
    assert.deepEqual(lib.ones([2, 3, 4]).T.shape, [4, 3, 2]);
    assert.deepEqual(x.narrow(1, 1, 1).toArray(), [[2], [4]]);
    assert.throws(() => x.narrow(1, 1, 2), /^RangeError: narrow: 2 elements from 1 on are not in the 2 of dim 1$/);
  });
});
