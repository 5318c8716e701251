// Networks that read a sequence element by element: Elman's, with long short-term memory (Hochreiter and Schmidhuber, 1997), and with gates
// (Cho et al., arXiv:1406.1078). Names, order of the gates and initialisation are PyTorch's, so its state_dict fits.

import { zeros } from "../create.ts";
import { relu, sigmoid, tanh } from "../ops/elementwise.ts";
import { linear } from "../ops/linear-algebra.ts";
import { cat, stack } from "../ops/selection.ts";
import { flip, select, split, transpose, unbind, unsqueeze } from "../ops/view.ts";
import { show } from "../shape.ts";
import type { Tensor } from "../trace.ts";
import { type LayerOptions, weights } from "./layers.ts";
import { Module } from "./module.ts";

/** How a recurrent network is made. */
export interface RecurrentOptions extends LayerOptions {
  /** So many networks, each reading what the one before gave; 1. */
  readonly layers?: number;
  /** Whether the batch comes first, [batch, time, in], and not the time, [time, batch, in]; false. */
  readonly batchFirst?: boolean;
  /** Whether a second network reads each sequence from its end, and the outputs are joined; false. */
  readonly bidirectional?: boolean;
}

/** The state after an element: what is given on, and what is kept beside it, if anything. */
type State = readonly [h: Tensor, ...kept: Tensor[]];

abstract class Recurrent extends Module {
  // weight_ih_l0 [gates · hidden, in], weight_hh_l0 [gates · hidden, hidden], bias_ih_l0, bias_hh_l0, and so on for each layer and direction.
  [name: `weight_${string}`]: Tensor;
  [name: `bias_${string}`]: Tensor;
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly #options: RecurrentOptions;
  readonly #suffixes: readonly string[][];

  /** @throws RangeError for sizes that are no whole positive numbers. */
  constructor(inputSize: number, hiddenSize: number, gates: number, options: RecurrentOptions) {
    super();
    const { layers = 1, bidirectional = false, bias = true } = options;
    if (![inputSize, hiddenSize, layers].every((n) => Number.isInteger(n) && n > 0)) {
      throw new RangeError(
        `${this.constructor.name}: sizes are whole positive numbers, not ${inputSize}, ${hiddenSize} and ${layers} layers`,
      );
    }
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.#options = options;
    const directions = bidirectional ? ["", "_reverse"] : [""];
    this.#suffixes = Array.from({ length: layers }, (_, k) => directions.map((direction) => `l${k}${direction}`));
    this.#suffixes.forEach((suffixes, k) => {
      const input = k === 0 ? inputSize : hiddenSize * directions.length;
      for (const suffix of suffixes) {
        this[`weight_ih_${suffix}`] = weights([gates * hiddenSize, input], hiddenSize, options);
        this[`weight_hh_${suffix}`] = weights([gates * hiddenSize, hiddenSize], hiddenSize, options);
        if (!bias) continue;
        this[`bias_ih_${suffix}`] = weights([gates * hiddenSize], hiddenSize, options);
        this[`bias_hh_${suffix}`] = weights([gates * hiddenSize], hiddenSize, options);
      }
    });
  }

  /** The state after an element, from what the weights make of the element and of the `h` before. */
  protected abstract next(fromInput: Tensor, fromHidden: Tensor, before: State): State;

  /** Reads sequences; `kinds` states for each layer and direction, zeros unless given, each [layers · directions, batch, hidden]. */
  protected read(x: Tensor, kinds: number, given: readonly Tensor[] | undefined): { output: Tensor; states: Tensor[] } {
    const name = this.constructor.name;
    const { batchFirst = false } = this.#options;
    const single = x.shape.length === 2;
    if ((!single && x.shape.length !== 3) || x.shape.at(-1) !== this.inputSize) {
      const form = batchFirst ? "batch, time" : "time, batch";
      throw new RangeError(
        `${name}: expected [${form}, ${this.inputSize}] or [time, ${this.inputSize}], got ${show(x.shape)}`,
      );
    }
    let sequence = single ? unsqueeze(x, 1) : batchFirst ? transpose(x, 0, 1) : x;
    const [time, batch] = sequence.shape as readonly [number, number, number];
    if (time === 0) throw new RangeError(`${name}: a sequence must have an element, got ${show(x.shape)}`);
    const count = this.#suffixes.length * (this.#suffixes[0] as string[]).length;
    const shape = [count, batch, this.hiddenSize] as const;
    const starts = Array.from({ length: kinds }, (_, k): Tensor => {
      const start = given?.[k];
      if (start === undefined) return zeros(shape, { dtype: x.dtype });
      const whole = single && start.shape.length === 2 ? unsqueeze(start, 1) : start;
      if (show(whole.shape) !== show(shape))
        throw new RangeError(`${name}: expected a state ${show(shape)}, got ${show(start.shape)}`);
      return whole;
    });
    const ends: State[] = [];
    for (const suffixes of this.#suffixes) {
      const outputs = suffixes.map((suffix) => {
        const before = starts.map((start) => select(start, 0, ends.length)) as unknown as State;
        const { output, end } = this.#along(sequence, suffix, before);
        ends.push(end);
        return output;
      });
      sequence = outputs.length === 1 ? (outputs[0] as Tensor) : cat(outputs, -1);
    }
    const states = starts.map((_, k) => stack(ends.map((end) => end[k] as Tensor), 0)); // prettier-ignore
    return single
      ? { output: select(sequence, 1, 0), states: states.map((state) => select(state, 1, 0)) }
      : { output: batchFirst ? transpose(sequence, 0, 1) : sequence, states };
  }

  /** One layer in one direction along [time, batch, in]. */
  #along(sequence: Tensor, suffix: string, start: State): { output: Tensor; end: State } {
    const backwards = suffix.endsWith("_reverse");
    const own = backwards ? flip(sequence, 0) : sequence;
    // What the weights make of all elements, in one product.
    const fromInput = linear(own, this[`weight_ih_${suffix}`] as Tensor, this[`bias_ih_${suffix}`]);
    let state = start;
    const outputs = unbind(fromInput, 0).map((part) => {
      const fromHidden = linear(state[0], this[`weight_hh_${suffix}`] as Tensor, this[`bias_hh_${suffix}`]);
      state = this.next(part, fromHidden, state);
      return state[0];
    });
    const output = stack(outputs, 0);
    return { output: backwards ? flip(output, 0) : output, end: state };
  }

  override extra(): string {
    const { layers = 1, bidirectional = false } = this.#options;
    const more = [...(layers > 1 ? [`${layers} layers`] : []), ...(bidirectional ? ["both directions"] : [])];
    return `(${[`${this.inputSize} → ${this.hiddenSize}`, ...more].join(", ")})`;
  }
}

/**
 * A recurrent network (Elman, 1990): h = tanh(W x + b + U h + c), element by element. [time, batch, in] → the outputs [time, batch, hidden]
 * and the last h [layers, batch, hidden].
 *
 * @example
 * const [output, h] = new nn.RNN(3, 5).forward(randn([7, 2, 3])); // shapes [7, 2, 5] and [1, 2, 5]
 */
export class RNN extends Recurrent {
  readonly #f: typeof tanh;

  constructor(
    inputSize: number,
    hiddenSize: number,
    { nonlinearity = "tanh", ...options }: RecurrentOptions & { readonly nonlinearity?: "tanh" | "relu" } = {},
  ) {
    super(inputSize, hiddenSize, 1, options);
    this.#f = nonlinearity === "relu" ? relu : tanh;
  }

  /** @throws RangeError when the last size of the input, or the shape of the state, is not that of the network. */
  forward(x: Tensor, h?: Tensor): [output: Tensor, h: Tensor] {
    const { output, states } = this.read(x, 1, h && [h]);
    return [output, states[0] as Tensor];
  }

  protected override next(fromInput: Tensor, fromHidden: Tensor): State {
    return [this.#f(fromInput.add(fromHidden))];
  }
}

/**
 * A recurrent network with long short-term memory: a cell c beside h, which gates let in, keep and let out. [time, batch, in] → the outputs
 * [time, batch, hidden] and the last h and c, each [layers, batch, hidden].
 *
 * @example
 * const [output, [h, c]] = new nn.LSTM(3, 5).forward(randn([7, 2, 3])); // shapes [7, 2, 5], [1, 2, 5] and [1, 2, 5]
 */
export class LSTM extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(inputSize, hiddenSize, 4, options);
  }

  /** @throws RangeError when the last size of the input, or the shape of a state, is not that of the network. */
  forward(x: Tensor, state?: readonly [h: Tensor, c: Tensor]): [output: Tensor, state: [h: Tensor, c: Tensor]] {
    const { output, states } = this.read(x, 2, state);
    return [output, states as [Tensor, Tensor]];
  }

  protected override next(fromInput: Tensor, fromHidden: Tensor, [, c]: State): State {
    const [i, f, g, o] = split(fromInput.add(fromHidden), this.hiddenSize, -1) as [Tensor, Tensor, Tensor, Tensor];
    const cell = sigmoid(f).mul(c as Tensor).add(sigmoid(i).mul(tanh(g))); // prettier-ignore
    return [sigmoid(o).mul(tanh(cell)), cell];
  }
}

/**
 * A recurrent network with gates that reset and update h. [time, batch, in] → the outputs [time, batch, hidden] and the last h
 * [layers, batch, hidden].
 *
 * @example
 * const [output, h] = new nn.GRU(3, 5, { batchFirst: true }).forward(randn([2, 7, 3])); // shapes [2, 7, 5] and [1, 2, 5]
 */
export class GRU extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(inputSize, hiddenSize, 3, options);
  }

  /** @throws RangeError when the last size of the input, or the shape of the state, is not that of the network. */
  forward(x: Tensor, h?: Tensor): [output: Tensor, h: Tensor] {
    const { output, states } = this.read(x, 1, h && [h]);
    return [output, states[0] as Tensor];
  }

  protected override next(fromInput: Tensor, fromHidden: Tensor, [h]: State): State {
    const [xr, xz, xn] = split(fromInput, this.hiddenSize, -1) as [Tensor, Tensor, Tensor];
    const [hr, hz, hn] = split(fromHidden, this.hiddenSize, -1) as [Tensor, Tensor, Tensor];
    const z = sigmoid(xz.add(hz));
    const n = tanh(xn.add(sigmoid(xr.add(hr)).mul(hn)));
    return [n.add(z.mul(h.sub(n)))];
  }
}
