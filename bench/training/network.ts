// The four networks that everybody trains, and the numbers they start from: sigmoid between layers, f32, one loss, one optimizer. All
// contestants read the same file, so that they compute the same losses or are found out.

export interface Network {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly batch: number;
  readonly loss: "mse" | "crossEntropy";
  readonly optimizer: "SGD" | "Adam";
  /** Steps after which losses are compared. */
  readonly check: number;
}

export const NETWORKS: readonly Network[] = [
  { name: "tiny", sizes: [2, 8, 1], batch: 4, loss: "mse", optimizer: "SGD", check: 100 },
  { name: "small", sizes: [2, 16, 16, 1], batch: 64, loss: "mse", optimizer: "Adam", check: 100 },
  { name: "medium", sizes: [784, 128, 10], batch: 64, loss: "crossEntropy", optimizer: "SGD", check: 20 },
  { name: "large", sizes: [784, 1024, 1024, 10], batch: 256, loss: "crossEntropy", optimizer: "Adam", check: 2 },
];

export const SGD = { lr: 0.1 };
export const ADAM = { lr: 0.001, beta1: 0.9, beta2: 0.999, eps: 1e-8 };

/** The shapes of the parameters: weight [out, in] and bias [out] of each layer. */
export function parameterShapes({ sizes }: Network): [weight: [number, number], bias: [number]][] {
  return sizes.slice(1).map((out, k) => [[out, sizes[k] as number], [out]]);
}

/** What a network starts from: its parameters in order, its input [batch, in], and its target [batch, out] or the classes [batch]. */
export interface Start {
  readonly parameters: Float32Array[];
  readonly x: Float32Array;
  readonly y: Float32Array;
}

function sizesOf(network: Network): number[] {
  const { sizes, batch, loss } = network;
  const parameters = parameterShapes(network).flatMap(([[out, input]]) => [out * input, out]);
  return [...parameters, batch * (sizes[0] as number), loss === "mse" ? batch * (sizes.at(-1) as number) : batch];
}

/** Numbers between 0 and 1 by Park and Miller's generator: enough for a start, and easy to check. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** All numbers of a start in one array: what the file holds. */
export function startNumbers(network: Network): Float32Array {
  const next = uniform(2026);
  const { sizes, batch, loss } = network;
  const weights = parameterShapes(network).flatMap(([[out, input]]) => {
    const bound = 1 / Math.sqrt(input);
    return Array.from({ length: out * (input + 1) }, () => (2 * next() - 1) * bound);
  });
  const classes = sizes.at(-1) as number;
  const x = Array.from({ length: batch * (sizes[0] as number) }, next);
  const y = Array.from({ length: loss === "mse" ? batch * classes : batch }, () =>
    loss === "mse" ? next() : Math.floor(next() * classes),
  );
  return Float32Array.from([...weights, ...x, ...y]);
}

export function takeApart(network: Network, numbers: Float32Array): Start {
  let at = 0;
  const parts = sizesOf(network).map((n) => numbers.slice(at, (at += n)));
  return {
    parameters: parts.slice(0, -2),
    x: parts.at(-2) as Float32Array,
    y: parts.at(-1) as Float32Array,
  };
}
