// Attention in several heads, and the layer of an encoder that is made of it (Vaswani et al., arXiv:1706.03762). Names and initialisation are
// PyTorch's, so its state_dict fits; but a mask is true where a key is looked at, as in scaledDotProductAttention.

import { zeros } from "../create.ts";
import { gelu, softmax } from "../ops/activation.ts";
import { relu } from "../ops/elementwise.ts";
import { linear, matmul } from "../ops/linear-algebra.ts";
import { where } from "../ops/selection.ts";
import { mean } from "../ops/reduction.ts";
import { narrow, permute, reshape, swapLast, transpose, unsqueeze } from "../ops/view.ts";
import { show } from "../shape.ts";
import type { Tensor } from "../trace.ts";
import { Dropout } from "./containers.ts";
import { xavierUniform_ } from "./init.ts";
import { type LayerOptions, LayerNorm, Linear } from "./layers.ts";
import { Module, parameter } from "./module.ts";

/** How attention is made. */
export interface AttentionOptions extends LayerOptions {
  /** Whether the batch comes first, [batch, time, features], and not the time; false. */
  readonly batchFirst?: boolean;
}

/** What attention may look at. */
export interface AttendOptions {
  /** True where an element (row) may look at another (column): [time, time], or with [batch, heads, ..] before it. */
  readonly mask?: Tensor;
}

/**
 * Attention in several heads: each element of the query becomes a mean of the values, weighted by how its query fits their keys.
 *
 * @example
 * const [output, weights] = new nn.MultiheadAttention(8, 2).forward(randn([5, 3, 8])); // shapes [5, 3, 8] and [3, 5, 5]
 */
export class MultiheadAttention extends Module {
  /** [3 · features, features]: of queries, keys and values. */
  in_proj_weight: Tensor;
  in_proj_bias: Tensor | null;
  out_proj: Linear;
  readonly #heads: number;
  readonly #batchFirst: boolean;

  /** @throws RangeError unless the heads divide the features. */
  constructor(features: number, heads: number, options: AttentionOptions = {}) {
    super();
    if (!(Number.isInteger(features / heads) && Number.isInteger(heads) && heads > 0))
      throw new RangeError(`MultiheadAttention: ${features} features do not fall into ${heads} heads`);
    const { dtype = "f32", generator, bias = true } = options;
    this.#heads = heads;
    this.#batchFirst = options.batchFirst ?? false;
    this.in_proj_weight = parameter(
      xavierUniform_(
        zeros([3 * features, features], { dtype }) as Tensor,
        1,
        generator === undefined ? {} : { generator },
      ),
    );
    this.in_proj_bias = bias ? parameter(zeros([3 * features], { dtype }) as Tensor) : null;
    this.out_proj = new Linear(features, features, options);
    if (this.out_proj.bias !== null) this.out_proj.bias = parameter(zeros([features], { dtype }));
  }

  /**
   * Keys are the queries and values the keys unless given: self-attention. Gives the outputs, and the weights as the mean over the heads.
   *
   * @throws RangeError when sizes do not fit.
   */
  forward(query: Tensor, key = query, value = key, { mask }: AttendOptions = {}): [output: Tensor, weights: Tensor] {
    const features = this.in_proj_weight.shape[1] as number;
    const single = query.shape.length === 2;
    const form = single ? "time" : this.#batchFirst ? "batch, time" : "time, batch";
    for (const x of [query, key, value]) {
      if (x.shape.length !== (single ? 2 : 3) || x.shape.at(-1) !== features) {
        throw new RangeError(`MultiheadAttention: expected [${form}, ${features}], got ${show(x.shape)}`);
      }
    }
    const [q, k, v] = [query, key, value].map((x, part) => this.#headed(x, part, features)) as [Tensor, Tensor, Tensor];
    const scores = matmul(q, swapLast(k)).div(Math.sqrt(features / this.#heads));
    const attention = softmax(mask === undefined ? scores : where(mask, scores, -Infinity), -1);
    // [batch, heads, time, d] → [batch, time, features]
    const [batch, , time] = q.shape as readonly [number, number, number, number];
    const joined = reshape(permute(matmul(attention, v), [0, 2, 1, 3]) as Tensor, [batch, time, features]);
    const output = this.out_proj.forward(joined);
    const weights = mean(attention, 1);
    if (single) return [output.select(0, 0), weights.select(0, 0)];
    return [this.#batchFirst ? output : transpose(output, 0, 1), weights];
  }

  /** What the weights of a part make of `x`: [batch, heads, time, d]. */
  #headed(x: Tensor, part: number, features: number): Tensor {
    const of = (whole: Tensor): Tensor => narrow(whole, 0, part * features, (part + 1) * features);
    const batched = x.shape.length === 2 ? unsqueeze(x, 0) : this.#batchFirst ? x : transpose(x, 0, 1);
    const bias = this.in_proj_bias === null ? undefined : of(this.in_proj_bias);
    const y = linear(batched, of(this.in_proj_weight), bias);
    const [batch, time] = y.shape as readonly [number, number, number];
    return permute(reshape(y, [batch, time, this.#heads, features / this.#heads]) as Tensor, [0, 2, 1, 3]);
  }

  override extra(): string {
    return `(${this.in_proj_weight.shape[1]}, ${this.#heads} heads)`;
  }
}

/** How a layer of an encoder is made. */
export interface EncoderOptions extends AttentionOptions {
  /** The size of the hidden layer; 2048. */
  readonly dimFeedforward?: number;
  /** The probability with which elements are dropped while training; 0.1. */
  readonly dropout?: number;
  readonly activation?: "relu" | "gelu";
  /** Whether what goes into each part is normalised, and not what comes out; false. */
  readonly normFirst?: boolean;
}

/**
 * A layer of an encoder: self-attention, then a network of one hidden layer for each element, each added to what went in and normalised.
 *
 * @example
 * const layer = new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16, batchFirst: true });
 * layer.forward(randn([3, 5, 8])); // shape [3, 5, 8]
 */
export class TransformerEncoderLayer extends Module {
  self_attn: MultiheadAttention;
  linear1: Linear;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  dropout: Dropout;
  dropout1: Dropout;
  dropout2: Dropout;
  readonly #options: EncoderOptions;

  /** @throws RangeError unless the heads divide the features. */
  constructor(features: number, heads: number, options: EncoderOptions = {}) {
    super();
    const { dimFeedforward = 2048, dropout = 0.1, dtype = "f32", generator } = options;
    const drop = (): Dropout => new Dropout(dropout, generator === undefined ? {} : { generator });
    this.#options = options;
    this.self_attn = new MultiheadAttention(features, heads, options);
    this.linear1 = new Linear(features, dimFeedforward, options);
    this.linear2 = new Linear(dimFeedforward, features, options);
    this.norm1 = new LayerNorm(features, { dtype });
    this.norm2 = new LayerNorm(features, { dtype });
    this.dropout = drop();
    this.dropout1 = drop();
    this.dropout2 = drop();
  }

  forward(x: Tensor, options: AttendOptions = {}): Tensor {
    const attend = (h: Tensor): Tensor => this.dropout1.forward(this.self_attn.forward(h, h, h, options)[0]);
    if (this.#options.normFirst === true) {
      const h = x.add(attend(this.norm1.forward(x)));
      return h.add(this.#feed(this.norm2.forward(h)));
    }
    const h = this.norm1.forward(x.add(attend(x)));
    return this.norm2.forward(h.add(this.#feed(h)));
  }

  #feed(h: Tensor): Tensor {
    const f = this.#options.activation === "gelu" ? gelu : relu;
    const hidden = this.dropout.forward(f(this.linear1.forward(h)));
    return this.dropout2.forward(this.linear2.forward(hidden));
  }
}
