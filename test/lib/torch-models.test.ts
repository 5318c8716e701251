// Networks that PyTorch has trained: their state_dicts load by PyTorch's names, and they predict what they predict there (test/data/torch-models.py
// made the files). The other way, Python's safetensors reads our files.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  backends,
  loadSafetensors,
  nn,
  noGrad,
  saveSafetensors,
  setBackend,
  tensor,
  type Tensor,
} from "../../lib/index.ts";

const DATA = fileURLToPath(new URL("../../../test/data/", import.meta.url));

type Nested = readonly (number | Nested)[];
const expected = JSON.parse(readFileSync(join(DATA, "torch-models.json"), "utf8")) as {
  torch: string;
  models: Record<string, { input: Nested; output: number[][] }>;
};

class Words extends nn.Module {
  embedding = nn.embedding(11, 6);
  norm = nn.layerNorm(6);
  out = nn.linear(6, 3);

  forward(words: Tensor): Tensor {
    return this.out.forward(this.norm.forward(this.embedding.forward(words)).mean(1));
  }
}

const mlp = (): nn.Layer => nn.sequential(nn.linear(4, 8), nn.sigmoid(), nn.linear(8, 8), nn.tanh(), nn.linear(8, 2));
const models: Record<string, () => nn.Layer> = {
  mlp,
  "mlp-bf16": mlp,
  conv: () =>
    nn.sequential(
      nn.conv2d(2, 3, 3, { padding: 1, bias: false }),
      nn.batchNorm(3),
      nn.relu(),
      nn.maxPool2d(2),
      nn.conv2d(3, 4, 3, { stride: 2 }),
      nn.gelu(),
      nn.flatten(),
      nn.linear(4, 3),
      nn.softmax(1),
    ),
  words: () => new Words(),
};

describe("a state_dict of PyTorch", () => {
  for (const backend of backends()) {
    for (const [name, make] of Object.entries(models)) {
      it(`of ${name} predicts the same on ${backend}`, () => {
        setBackend(backend);
        const model = make();
        model.loadStateDict(loadSafetensors(readFileSync(join(DATA, "torch-models", `${name}.safetensors`))));
        model.eval();
        const { input, output } = expected.models[name] as { input: Nested; output: number[][] };
        const x: Tensor = tensor(input as number[][], { dtype: name === "words" ? "i32" : "f32" });
        const found = noGrad(() => model.forward(x)).toArray() as number[][];
        assert.equal(found.length, output.length);
        for (const [i, row] of output.entries())
          for (const [j, y] of row.entries()) {
            const z = found[i]?.[j] ?? NaN;
            assert.ok(Math.abs(z - y) <= 2e-6 * Math.max(1, Math.abs(y)), `[${i}, ${j}]: ${z}, PyTorch ${y}`);
          }
      });
    }
  }
  after(() => setBackend(backends().at(-1) ?? "reference"));

  it("that has a name too many, or one too few, is refused with the names", () => {
    const state = loadSafetensors(readFileSync(join(DATA, "torch-models", "mlp.safetensors")));
    assert.throws(
      () => nn.sequential(nn.linear(4, 8)).loadStateDict(state),
      /^RangeError: loadStateDict: unknown 2\.bias, 2\.weight, 4\.bias, 4\.weight; pass \{strict: false\}/,
    );
  });
});

describe("a file of ours", () => {
  const python = ["python", ".venv/bin/python", "python3"].find(
    (command) => spawnSync(command, ["-c", "import safetensors"]).status === 0,
  );

  it("opens in Python's safetensors", function () {
    if (python === undefined) this.skip();
    const folder = mkdtempSync(join(tmpdir(), "adjoint-safetensors-"));
    try {
      const file = join(folder, "ours.safetensors");
      const tensors = {
        "0.weight": tensor([[1.5, -2], [3, 4]]),
        "größe": tensor([0.1, 1e300], { dtype: "f64" }),
        count: tensor(7, { dtype: "i32" }),
        mask: tensor([true, false, true]),
        view: tensor([[1, 2, 3], [4, 5, 6]]).transpose(0, 1),
        none: tensor([]),
      }; // prettier-ignore
      writeFileSync(file, saveSafetensors(tensors, { made: "here" }));
      const read = `import json, struct, sys, safetensors
kinds = {"F32": "f", "F64": "d", "I32": "i", "BOOL": "?"}
out = {}
for name, t in safetensors.deserialize(open(sys.argv[1], "rb").read()):
    data = bytes(t["data"])
    size = struct.calcsize(kinds[t["dtype"]])
    out[name] = [t["dtype"], t["shape"], list(struct.unpack("<%d%s" % (len(data) // size, kinds[t["dtype"]]), data))]
print(json.dumps(out))`;
      const { stdout, stderr } = spawnSync(python, ["-c", read, file], { encoding: "utf8" });
      assert.notEqual(stdout, "", stderr);
      assert.deepEqual(JSON.parse(stdout), {
        "0.weight": ["F32", [2, 2], [1.5, -2, 3, 4]],
        größe: ["F64", [2], [0.1, 1e300]],
        count: ["I32", [], [7]],
        mask: ["BOOL", [3], [true, false, true]],
        view: ["F32", [3, 2], [1, 4, 2, 5, 3, 6]],
        none: ["F32", [0], []],
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
