// The same networks as one would write them without a library: plain loops over typed arrays, one function for the step.

import { ADAM, type Network, SGD, type Start } from "./network.ts";
import { answer, type Trainer } from "./contestant.ts";

interface Layer {
  readonly input: number;
  readonly output: number;
  readonly w: Float32Array;
  readonly b: Float32Array;
  readonly dw: Float32Array;
  readonly db: Float32Array;
  /** The outputs [batch, output], after the sigmoid if there is one, and their cotangents. */
  readonly y: Float32Array;
  readonly dy: Float32Array;
  /** Running means of Adam for w and b, and of their squares. */
  readonly means: readonly [Float32Array, Float32Array];
  readonly squares: readonly [Float32Array, Float32Array];
}

function forward(layer: Layer, x: Float32Array, batch: number, bend: boolean): void {
  const { input, output, w, b, y } = layer;
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < output; o++) {
      let sum = b[o] as number;
      for (let i = 0; i < input; i++) sum += (w[o * input + i] as number) * (x[n * input + i] as number);
      y[n * output + o] = bend ? 1 / (1 + Math.exp(-sum)) : sum;
    }
  }
}

/** From the cotangents of the layer's sums to those of its parameters and of what came in. */
function backward(layer: Layer, x: Float32Array, batch: number, dx: Float32Array | undefined): void {
  const { input, output, w, dw, db, dy } = layer;
  dw.fill(0);
  db.fill(0);
  dx?.fill(0);
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < output; o++) {
      const g = dy[n * output + o] as number;
      db[o] = (db[o] as number) + g;
      for (let i = 0; i < input; i++) {
        dw[o * input + i] = (dw[o * input + i] as number) + g * (x[n * input + i] as number);
        if (dx !== undefined) dx[n * input + i] = (dx[n * input + i] as number) + g * (w[o * input + i] as number);
      }
    }
  }
}

function meanSquare(y: Float32Array, target: Float32Array, dy: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < y.length; k++) {
    const d = (y[k] as number) - (target[k] as number);
    sum += d * d;
    dy[k] = (2 * d) / y.length;
  }
  return sum / y.length;
}

function crossEntropy(y: Float32Array, classes: Float32Array, dy: Float32Array, count: number): number {
  const batch = classes.length;
  let loss = 0;
  for (let n = 0; n < batch; n++) {
    const at = n * count;
    let largest = -Infinity;
    for (let k = 0; k < count; k++) largest = Math.max(largest, y[at + k] as number);
    let sum = 0;
    for (let k = 0; k < count; k++) sum += Math.exp((y[at + k] as number) - largest);
    const total = largest + Math.log(sum);
    const hit = classes[n] as number;
    loss += total - (y[at + hit] as number);
    for (let k = 0; k < count; k++) dy[at + k] = (Math.exp((y[at + k] as number) - total) - Number(k === hit)) / batch;
  }
  return loss / batch;
}

function descend(w: Float32Array, g: Float32Array): void {
  for (let k = 0; k < w.length; k++) w[k] = (w[k] as number) - SGD.lr * (g[k] as number);
}

function adam(w: Float32Array, g: Float32Array, means: Float32Array, squares: Float32Array, step: number): void {
  const { lr, beta1, beta2, eps } = ADAM;
  const size = lr / (1 - beta1 ** step);
  const root = Math.sqrt(1 - beta2 ** step);
  for (let k = 0; k < w.length; k++) {
    const d = g[k] as number;
    const m = beta1 * (means[k] as number) + (1 - beta1) * d;
    const s = beta2 * (squares[k] as number) + (1 - beta2) * d * d;
    means[k] = m;
    squares[k] = s;
    w[k] = (w[k] as number) - (size * m) / (Math.sqrt(s) / root + eps);
  }
}

function open({ sizes, batch, loss: kind, optimizer }: Network, start: Start): Trainer {
  const layers = sizes.slice(1).map((output, k): Layer => {
    const input = sizes[k] as number;
    const [w, b] = start.parameters.slice(2 * k, 2 * k + 2) as [Float32Array, Float32Array];
    const like = (): [Float32Array, Float32Array] => [new Float32Array(w.length), new Float32Array(b.length)];
    const [dw, db] = like();
    const [y, dy] = [new Float32Array(batch * output), new Float32Array(batch * output)];
    return { input, output, w, b, dw, db, y, dy, means: like(), squares: like() };
  });
  const last = layers.at(-1) as Layer;
  let steps = 0;
  let loss = 0;
  return {
    step() {
      layers.forEach((layer, k) => {
        forward(layer, k === 0 ? start.x : (layers[k - 1] as Layer).y, batch, layer !== last);
      });
      loss =
        kind === "mse" ? meanSquare(last.y, start.y, last.dy) : crossEntropy(last.y, start.y, last.dy, last.output);
      for (let k = layers.length - 1; k >= 0; k--) {
        const before = layers[k - 1];
        backward(layers[k] as Layer, before?.y ?? start.x, batch, before?.dy);
        if (before === undefined) continue;
        const { y, dy } = before;
        for (let i = 0; i < y.length; i++) dy[i] = (dy[i] as number) * (y[i] as number) * (1 - (y[i] as number));
      }
      steps++;
      for (const { w, b, dw, db, means, squares } of layers) {
        if (optimizer === "SGD") {
          descend(w, dw);
          descend(b, db);
        } else {
          adam(w, dw, means[0], squares[0], steps);
          adam(b, db, means[1], squares[1], steps);
        }
      }
    },
    loss: () => loss,
  };
}

await answer({ version: "", open });
