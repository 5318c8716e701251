// `node dist/bench/train.js`: one training step of four networks, interleaved: this library on its backends, and the same step as plain
// loops over arrays. Medians of rounds, in microseconds.

import { crossEntropy, mseLoss, nn, optim, rand, randint, seed, setBackend, type Tensor } from "../lib/index.ts";

interface Network {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly batch: number;
  readonly loss: "mse" | "crossEntropy";
  readonly optimizer: "SGD" | "Adam";
  readonly steps: number;
}

const NETWORKS: readonly Network[] = [
  { name: "tiny", sizes: [2, 8, 1], batch: 4, loss: "mse", optimizer: "SGD", steps: 2000 },
  { name: "small", sizes: [2, 16, 16, 1], batch: 64, loss: "mse", optimizer: "Adam", steps: 300 },
  { name: "medium", sizes: [784, 128, 10], batch: 64, loss: "crossEntropy", optimizer: "SGD", steps: 10 },
  { name: "large", sizes: [784, 1024, 1024, 10], batch: 256, loss: "crossEntropy", optimizer: "Adam", steps: 1 },
];
const ROUNDS = 9;

/** A training step in the library. */
function library({ sizes, batch, loss, optimizer }: Network): () => void {
  seed(1);
  const layers = sizes.slice(1).flatMap((out, k): nn.Layer[] => {
    const linear = nn.linear(sizes[k] as number, out) as nn.Layer;
    return k < sizes.length - 2 ? [linear, nn.sigmoid()] : [linear];
  });
  const model = nn.sequential(...layers);
  const x: Tensor = rand([batch, sizes[0] as number]);
  const out = sizes.at(-1) as number;
  const y: Tensor = loss === "mse" ? rand([batch, out]) : randint(0, out, [batch]);
  const trainer =
    optimizer === "SGD" ? new optim.SGD(model.parameters(), { lr: 0.1 }) : new optim.Adam(model.parameters());
  return () => {
    trainer.zeroGrad();
    const output = model.forward(x);
    (loss === "mse" ? mseLoss(output, y) : crossEntropy(output, y)).backward();
    trainer.step();
  };
}

/** The same for two layers and squared error by SGD, as one would write it without a library. */
function loops({ sizes, batch }: Network): () => void {
  const [input, hidden, out] = sizes as readonly [number, number, number];
  const random = (n: number): Float32Array => Float32Array.from({ length: n }, (_, k) => Math.sin(k + 1) * 0.5);
  const [w1, b1, w2, b2] = [random(hidden * input), random(hidden), random(out * hidden), random(out)] as const;
  const [x, y, h, d] = [
    random(batch * input),
    random(batch * out),
    new Float32Array(hidden),
    new Float32Array(hidden),
  ] as const;
  return () => {
    for (let n = 0; n < batch; n++) {
      for (let i = 0; i < hidden; i++) {
        let sum = b1[i] as number;
        for (let j = 0; j < input; j++) sum += (w1[i * input + j] as number) * (x[n * input + j] as number);
        h[i] = 1 / (1 + Math.exp(-sum));
        d[i] = 0;
      }
      for (let o = 0; o < out; o++) {
        let sum = b2[o] as number;
        for (let i = 0; i < hidden; i++) sum += (w2[o * hidden + i] as number) * (h[i] as number);
        const g = (2 * (sum - (y[n * out + o] as number))) / (batch * out);
        for (let i = 0; i < hidden; i++) {
          d[i] = (d[i] as number) + g * (w2[o * hidden + i] as number);
          w2[o * hidden + i] = (w2[o * hidden + i] as number) - 0.1 * g * (h[i] as number);
        }
        b2[o] = (b2[o] as number) - 0.1 * g;
      }
      for (let i = 0; i < hidden; i++) {
        const g = (d[i] as number) * (h[i] as number) * (1 - (h[i] as number));
        for (let j = 0; j < input; j++)
          w1[i * input + j] = (w1[i * input + j] as number) - 0.1 * g * (x[n * input + j] as number);
        b1[i] = (b1[i] as number) - 0.1 * g;
      }
    }
  };
}

function microseconds(step: () => void, steps: number): number {
  const start = performance.now();
  for (let k = 0; k < steps; k++) step();
  return ((performance.now() - start) / steps) * 1000;
}

for (const network of NETWORKS) {
  const slow = network.name === "large";
  const contestants: Record<string, { readonly backend: string; readonly step: () => void }> = {
    wasm: { backend: "wasm", step: library(network) },
    ...(slow ? {} : { reference: { backend: "reference", step: library(network) } }),
    ...(network.sizes.length === 3 ? { loops: { backend: "wasm", step: loops(network) } } : {}),
  };
  const times: Record<string, number[]> = {};
  for (let round = 0; round < (slow ? 3 : ROUNDS) + 1; round++) {
    for (const [name, { backend, step }] of Object.entries(contestants)) {
      setBackend(backend);
      const t = microseconds(step, network.steps);
      // The first round warms up.
      if (round > 0) (times[name] ??= []).push(t);
    }
  }
  const row = Object.entries(times).map(([name, list]) => {
    const sorted = list.toSorted((a, b) => a - b);
    return `${name} ${(sorted[Math.floor(sorted.length / 2)] as number).toFixed(1)}`;
  });
  console.log(`${network.name.padEnd(8)}${row.join("   ")}`);
}
