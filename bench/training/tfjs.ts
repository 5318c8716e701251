// TensorFlow.js on its WebAssembly backend, one thread, in the training benchmark.

import { createRequire } from "node:module";
import { join } from "node:path";
import { answer, nanoseconds, type Operations, type Trainer } from "./contestant.ts";
import { ADAM, type Network, parameterShapes, SGD, type Start } from "./network.ts";

interface Array_ {
  dataSync(): ArrayLike<number>;
  dispose(): void;
}
interface TensorFlow {
  readonly version: { readonly "tfjs-core": string };
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor(values: Float32Array | Int32Array, shape: readonly number[], dtype?: "int32"): Array_;
  scalar(value: number): Array_;
  variable(x: Array_): Array_;
  matMul(a: Array_, b: Array_, transposeA: boolean, transposeB: boolean): Array_;
  add(a: Array_, b: Array_): Array_;
  sigmoid(x: Array_): Array_;
  oneHot(x: Array_, count: number): Array_;
  grad(f: (x: Array_) => Array_): (x: Array_) => Array_;
  tidy<R>(f: () => R): R;
  readonly losses: {
    meanSquaredError(y: Array_, x: Array_): Array_;
    softmaxCrossEntropy(y: Array_, x: Array_): Array_;
  };
  readonly train: Record<"sgd" | "adam", (...options: number[]) => { minimize(f: () => Array_, loss: true): Array_ }>;
}

// Above bench/ in dist/, where this runs.
const peers = createRequire(join(import.meta.dirname, "..", "..", "..", "bench", "peers", "package.json"));
const tf = peers("@tensorflow/tfjs") as TensorFlow;
const wasm = peers("@tensorflow/tfjs-backend-wasm") as { setThreadsCount(count: number): void };
wasm.setThreadsCount(1);
await tf.setBackend("wasm");
await tf.ready();

function open(network: Network, start: Start): Trainer {
  const { batch, loss: kind, optimizer, sizes } = network;
  const parameters = parameterShapes(network)
    .flat()
    .map((shape, k) => tf.variable(tf.tensor(start.parameters[k] as Float32Array, shape)));
  const x = tf.tensor(start.x, [batch, sizes[0] as number]);
  const classes = sizes.at(-1) as number;
  const y =
    kind === "mse"
      ? tf.tensor(start.y, [batch, classes])
      : tf.oneHot(tf.tensor(Int32Array.from(start.y), [batch], "int32"), classes);
  const trainer = optimizer === "SGD" ? tf.train.sgd(SGD.lr) : tf.train.adam(ADAM.lr, ADAM.beta1, ADAM.beta2, ADAM.eps);
  const loss = (): Array_ => {
    let h = x;
    for (let k = 0; k < parameters.length; k += 2) {
      h = tf.add(tf.matMul(h, parameters[k] as Array_, false, true), parameters[k + 1] as Array_);
      if (k < parameters.length - 2) h = tf.sigmoid(h);
    }
    return kind === "mse" ? tf.losses.meanSquaredError(y, h) : tf.losses.softmaxCrossEntropy(y, h);
  };
  let last: Array_ | undefined;
  return {
    step() {
      last?.dispose();
      last = trainer.minimize(loss, true);
    },
    loss: () => (last as Array_).dataSync()[0] as number,
  };
}

function operations(count: number): Operations {
  const one = tf.scalar(1);
  let recorded = 0;
  const derivative = tf.grad((x) => {
    let y = x;
    recorded = nanoseconds(count, () => {
      for (let k = 0; k < count; k++) y = tf.add(y, x);
    });
    return y;
  });
  const backward = nanoseconds(count, () => {
    tf.tidy(() => {
      if (derivative(one).dataSync()[0] !== count + 1) throw new Error("the derivative of the chain is wrong");
    });
  });
  return { recorded, backward };
}

await answer({ version: tf.version["tfjs-core"], open, operations });
