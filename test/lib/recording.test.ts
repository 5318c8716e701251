// A computation read again after backward(), which has given back much of its memory: as it was, or not at all.
import assert from "node:assert/strict";
import { adjointsOf, recordingOf } from "../../lib/inspect/recording.ts";
import { crossEntropy, nn, optim, randint, randn, seed, type Tensor } from "../../lib/index.ts";

/** Values and adjoints of each operation, in order. */
function numbersOf(loss: Tensor): unknown[] {
  const recording = recordingOf("graph", loss);
  const adjoints = adjointsOf(recording);
  return recording.nodes.map((node) => {
    const { incoming = null, outgoing = [] } = adjoints.get(node) ?? {};
    return [node.primitive?.name, node.value.data, ...[incoming, ...outgoing].map((x) => x?.data)];
  });
}

describe("a computation after backward()", () => {
  const layers = (): nn.Module & { forward(x: Tensor): Tensor } =>
    nn.sequential(nn.linear(40, 64), nn.sigmoid(), nn.dropout(0.3), nn.linear(64, 64), nn.layerNorm(64), nn.tanh(), nn.linear(64, 10)); // prettier-ignore

  function lossOf(model: { forward(x: Tensor): Tensor }): Tensor {
    return crossEntropy(model.forward(randn(32, 40)), randint(0, 10, [32]));
  }

  it("has the values and adjoints that it has with retainGraph", () => {
    seed(5);
    const model = layers();
    const loss = lossOf(model);
    const expected = numbersOf(loss);
    loss.backward();
    // What was given back is the memory of other numbers by now.
    for (let k = 0; k < 50; k++) randn(32, 64).mul(2).sum().item();
    assert.deepEqual(numbersOf(loss), expected);
    const weight = model.parameters()[0] as Tensor;
    const recording = recordingOf("graph", loss);
    const leaf = recording.nodes.find(({ value }) => value === weight);
    assert.ok(leaf !== undefined);
    assert.deepEqual(adjointsOf(recording).get(leaf)?.incoming?.data, weight.grad?.data);
  });

  it("is still freed for backward(), and read only", () => {
    seed(6);
    const loss = lossOf(layers());
    loss.backward();
    recordingOf("graph", loss);
    assert.throws(() => loss.backward(), /already walked and freed/);
    assert.throws(() => loss.add(1).backward(), /already walked and freed/);
    assert.equal(recordingOf("graph", loss.mul(2)).nodes.at(-2)?.value, loss);
  });

  it("is gone with the next backward(), also of a loss that is kept", () => {
    seed(7);
    const model = layers();
    const first = lossOf(model);
    first.backward();
    const second = lossOf(model);
    recordingOf("graph", first);
    second.backward();
    recordingOf("graph", second);
    assert.throws(() => recordingOf("graph", first), /^Error: graph: this graph was freed by backward\(\), and only the last/);
  }); // prettier-ignore

  it("is not what it was once parameters have changed, and says so", () => {
    seed(8);
    for (const retainGraph of [false, true]) {
      const model = layers();
      const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
      const loss = lossOf(model);
      loss.backward({ retainGraph });
      optimizer.step();
      assert.throws(
        () => recordingOf("tape", loss),
        /^Error: tape: .* was changed in place after it was used, as optimizer\.step\(\) does; call tape\(loss\) before that$/,
      );
    }
  });
});
