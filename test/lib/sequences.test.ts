// Recurrent networks and attention against PyTorch: the same state gives the same outputs and gradients (test/data/torch-sequences.py).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  arange, backends, getBackend, loadSafetensors, nn, randn, saveSafetensors, seed, setBackend, tensor, type Tensor, tril, ones,
} from "../../lib/index.ts"; // prettier-ignore
import { close } from "./close.ts";

type Nested = number | readonly Nested[];
interface Case {
  state: Record<string, Nested>;
  inputs: Nested[];
  outputs: Nested[];
  gradients: Record<string, Nested>;
}
const { cases } = JSON.parse(
  readFileSync(fileURLToPath(new URL("../../../test/data/torch-sequences.json", import.meta.url)), "utf8"),
) as { cases: Record<string, Case> };

const f64 = { dtype: "f64" } as const;
type Sequence = nn.Module & { forward(...inputs: Tensor[]): unknown };
const mask = tril(ones([4, 4])).bool();
const models: Record<string, () => { module: nn.Module; run: (...inputs: Tensor[]) => unknown }> = {
  rnn: () => alone(new nn.RNN(3, 2, f64)),
  "rnn of relu, one sequence": () => alone(new nn.RNN(3, 2, { nonlinearity: "relu", ...f64 })),
  "lstm of two layers, both directions": () =>
    alone(new nn.LSTM(3, 2, { layers: 2, bidirectional: true, ...f64 }) as unknown as Sequence),
  "lstm without bias, batch first": () =>
    alone(new nn.LSTM(3, 2, { bias: false, batchFirst: true, ...f64 }) as unknown as Sequence),
  "gru with a state": () => alone(new nn.GRU(3, 2, { layers: 2, ...f64 })),
  attention: () => alone(new nn.MultiheadAttention(4, 2, f64)),
  encoder: () => alone(new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 6, batchFirst: true, ...f64 })),
  "encoder that normalises first, with a mask": () => {
    const module = new nn.TransformerEncoderLayer(4, 2, {
      dimFeedforward: 6,
      activation: "gelu",
      batchFirst: true,
      normFirst: true,
      ...f64,
    });
    return { module, run: (x) => module.forward(x, { mask }) };
  },
};

function alone(module: Sequence): { module: nn.Module; run: (...inputs: Tensor[]) => unknown } {
  return { module, run: (...inputs) => module.forward(...inputs) };
}

function flat(result: unknown): Tensor[] {
  return Array.isArray(result) ? result.flatMap(flat) : [result as Tensor];
}

describe("sequences", () => {
  const backend = getBackend();
  after(() => {
    setBackend(backend);
  });

  for (const name of backends()) {
    for (const [title, { state, inputs, outputs, gradients }] of Object.entries(cases)) {
      it(`${title} are PyTorch's, on ${name}`, () => {
        setBackend(name);
        const { module, run } = (models[title] as (typeof models)[string])();
        module.loadStateDict(
          Object.fromEntries(Object.entries(state).map(([key, value]) => [key, tensor(value, f64)])),
        );
        module.eval();
        const given = inputs.map((x): Tensor => tensor(x, { ...f64, requiresGrad: true }));
        const found = flat(run(...given));
        assert.equal(found.length, outputs.length);
        found.forEach((y, k) => close(y, tensor(outputs[k] as Nested, f64)));
        const weigh = (y: Tensor): Tensor => y.mul(arange(y.numel(), f64).reshape(y.shape).cos()).sum();
        found.map(weigh).reduce((a, b) => a.add(b)).backward(); // prettier-ignore
        for (const [key, p] of module.namedParameters()) close(p.grad as Tensor, tensor(gradients[key] as Nested, f64));
        given.forEach((x, k) => close(x.grad as Tensor, tensor(gradients[`input ${k}`] as Nested, f64)));
      });
    }
  }

  it("are kept in files, counted and shown as other modules", () => {
    const lstm = new nn.LSTM(3, 2);
    assert.equal(lstm.parameters().reduce((sum, p) => sum + p.numel(), 0), 8 * (3 + 2 + 1 + 1)); // prettier-ignore
    const other = new nn.LSTM(3, 2);
    other.loadStateDict(loadSafetensors(saveSafetensors(lstm.stateDict())));
    seed(1);
    const x = randn(4, 2, 3);
    assert.deepEqual(other.forward(x)[0].toArray(), lstm.forward(x)[0].toArray());
    assert.match(lstm.summary(), /LSTM\(3 → 2\)/);
    assert.match(new nn.MultiheadAttention(4, 2).summary(), /MultiheadAttention\(4, 2 heads\)/);
  });

  it("begin as PyTorch's do: uniform between ±1/√hidden, attention without bias", () => {
    seed(2);
    for (const p of new nn.GRU(3, 4).parameters()) assert.ok(p.abs().max().item() <= 0.5);
    const attention = new nn.MultiheadAttention(6, 3);
    assert.ok(attention.in_proj_weight.abs().max().item() <= Math.sqrt(6 / (6 + 18)));
    assert.deepEqual([attention.in_proj_bias?.norm().item(), attention.out_proj.bias?.norm().item()], [0, 0]);
  });

  it("without a batch are a batch of one", () => {
    const attention = new nn.MultiheadAttention(4, 2);
    const x = randn(5, 4);
    const [[alone, weights], [whole]] = [attention.forward(x), attention.forward(x.unsqueeze(1))];
    assert.deepEqual([alone.shape, weights.shape], [[5, 4], [5, 5]]); // prettier-ignore
    close(alone, whole.select(1, 0), 1e-6);
    close(weights.sum(1), ones(5), 1e-6);
    const lstm = new nn.LSTM(4, 2, { batchFirst: true });
    const [output, [h]] = lstm.forward(x);
    close(output, lstm.forward(x.unsqueeze(0))[0].select(0, 0), 1e-6);
    close(h.select(0, 0), output.select(0, 4), 1e-6);
  });

  it("refuse what does not fit", () => {
    const gru = new nn.GRU(3, 4, { batchFirst: true });
    assert.throws(
      () => gru.forward(ones(2, 5)),
      /^RangeError: GRU: expected \[batch, time, 3\] or \[time, 3\], got \[2, 5\]/,
    );
    assert.throws(
      () => gru.forward(ones(2, 5, 3), ones(1, 5, 4)),
      /^RangeError: GRU: expected a state \[1, 2, 4\], got \[1, 5, 4\]/,
    );
    assert.throws(() => gru.forward(ones(2, 0, 3)), /^RangeError: GRU: a sequence must have an element/);
    assert.throws(() => new nn.RNN(3, 0), /^RangeError: RNN: sizes are whole positive numbers, not 3, 0 and 1 layers/);
    assert.throws(
      () => new nn.MultiheadAttention(5, 2),
      /^RangeError: MultiheadAttention: 5 features do not fall into 2 heads/,
    );
    assert.throws(
      () => new nn.MultiheadAttention(4, 2).forward(ones(3, 2, 5)),
      /^RangeError: MultiheadAttention: expected \[time, batch, 4\], got \[3, 2, 5\]/,
    );
  });
});
