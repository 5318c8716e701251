// jax-js on its WebAssembly backend in the training benchmark: the whole step is one function that it compiles. Arrays are counted
// by their owners: `ref` says that one will be used again.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { answer, nanoseconds, type Operations, type Trainer } from "./contestant.ts";
import { ADAM, type Network, parameterShapes, SGD, type Start } from "./network.ts";

interface Array_ {
  readonly ref: Array_;
  add(y: Array_ | number): Array_;
  sub(y: Array_ | number): Array_;
  mul(y: Array_ | number): Array_;
  div(y: Array_ | number): Array_;
  sum(axis?: number): Array_;
  mean(): Array_;
  transpose(): Array_;
  reshape(shape: readonly number[]): Array_;
  dataSync(): ArrayLike<number>;
  dispose(): void;
}
interface State {
  readonly parameters: Array_[];
  readonly means: Array_[];
  readonly squares: Array_[];
  /** The powers of the decay rates, which correct for the start at zero. */
  readonly powers: Array_[];
}
interface Jax {
  defaultDevice(name: "wasm"): unknown;
  jit<F>(f: F): F;
  grad(f: (x: Array_) => Array_): (x: Array_) => Array_;
  valueAndGrad(
    f: (parameters: Array_[], x: Array_, y: Array_) => Array_,
  ): (parameters: Array_[], x: Array_, y: Array_) => [Array_, Array_[]];
  blockUntilReady(x: unknown): Promise<unknown>;
  readonly numpy: {
    array(values: Float32Array): Array_;
    dot(a: Array_, b: Array_): Array_;
    sqrt(x: Array_): Array_;
    square(x: Array_): Array_;
    zeros(shape: readonly number[]): Array_;
  };
  readonly nn: { sigmoid(x: Array_): Array_; logSoftmax(x: Array_, axis: number): Array_ };
}

// Above bench/ in dist/, where this runs.
const folder = join(import.meta.dirname, "..", "..", "..", "bench", "peers", "node_modules", "@jax-js", "jax");
const jax = (await import(join(folder, "dist", "index.js"))) as Jax;
const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
const { numpy: np, nn } = jax;
jax.defaultDevice("wasm");

function oneHot(classes: Float32Array, count: number): Float32Array {
  const out = new Float32Array(classes.length * count);
  classes.forEach((hit, n) => {
    out[n * count + hit] = 1;
  });
  return out;
}

function open(network: Network, start: Start): Trainer {
  const { batch, loss: kind, optimizer, sizes } = network;
  const shapes = parameterShapes(network).flat();
  const outputs = sizes.at(-1) as number;
  const x = np.array(start.x).reshape([batch, sizes[0] as number]);
  const y = np.array(kind === "mse" ? start.y : oneHot(start.y, outputs)).reshape([batch, outputs]);

  const loss = (parameters: Array_[], input: Array_, target: Array_): Array_ => {
    let h = input;
    for (let k = 0; k < parameters.length; k += 2) {
      h = np.dot(h, (parameters[k] as Array_).transpose()).add(parameters[k + 1] as Array_);
      if (k < parameters.length - 2) h = nn.sigmoid(h);
    }
    return kind === "mse"
      ? np.square(h.sub(target)).mean()
      : nn
          .logSoftmax(h, 1)
          .mul(target)
          .sum()
          .mul(-1 / batch);
  };
  const valueAndGrad = jax.valueAndGrad(loss);

  const { lr, beta1, beta2, eps } = ADAM;
  const step = jax.jit((state: State, input: Array_, target: Array_): [State, Array_] => {
    const { parameters, means, squares, powers } = state;
    const [value, gradients] = valueAndGrad(
      parameters.map((p) => p.ref),
      input,
      target,
    );
    if (optimizer === "SGD") {
      const next = parameters.map((p, k) => p.sub((gradients[k] as Array_).mul(SGD.lr)));
      return [{ parameters: next, means, squares, powers }, value];
    }
    const [b1, b2] = [(powers[0] as Array_).mul(beta1), (powers[1] as Array_).mul(beta2)];
    const next: State = { parameters: [], means: [], squares: [], powers: [b1.ref, b2.ref] };
    parameters.forEach((p, k) => {
      const g = gradients[k] as Array_;
      const m = (means[k] as Array_).mul(beta1).add(g.ref.mul(1 - beta1));
      const s = (squares[k] as Array_).mul(beta2).add(np.square(g).mul(1 - beta2));
      const size = m.ref.div(b1.ref.mul(-1).add(1));
      const root = np.sqrt(s.ref.div(b2.ref.mul(-1).add(1))).add(eps);
      next.parameters.push(p.sub(size.div(root).mul(lr)));
      next.means.push(m);
      next.squares.push(s);
    });
    b1.dispose();
    b2.dispose();
    return [next, value];
  });

  const adam = optimizer === "Adam";
  let state: State = {
    parameters: shapes.map((shape, k) => np.array(start.parameters[k] as Float32Array).reshape(shape)),
    means: adam ? shapes.map((shape) => np.zeros(shape)) : [],
    squares: adam ? shapes.map((shape) => np.zeros(shape)) : [],
    powers: adam ? [np.array(Float32Array.of(1)), np.array(Float32Array.of(1))] : [],
  };
  let last: Array_ | undefined;
  return {
    step() {
      last?.dispose();
      [state, last] = step(state, x.ref, y.ref);
    },
    async loss() {
      await jax.blockUntilReady(state);
      return (last as Array_).ref.dataSync()[0] as number;
    },
  };
}

function operations(count: number): Operations {
  let recorded = 0;
  const derivative = jax.grad((x) => {
    let y = x.ref;
    recorded = nanoseconds(count, () => {
      for (let k = 0; k < count; k++) y = y.add(x.ref);
    });
    x.dispose();
    return y.reshape([]);
  });
  const backward = nanoseconds(count, () => {
    const g = derivative(np.array(Float32Array.of(1)).reshape([]));
    if (g.dataSync()[0] !== count + 1) throw new Error("the derivative of the chain is wrong");
  });
  return { recorded, backward };
}

await answer({ version, open, operations });
