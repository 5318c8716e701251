// What users of PyTorch and JAX type first, as they are used to it: the error says how it is written here. And every hint of the library's
// is told by one of these cells.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_PRELUDE } from "../../kernel/session.ts";
import { TestSession } from "../session-harness.ts";

const CELLS = `
torch.tensor([1, 2])
jnp.arange(10)
import * as np from "numpy"
lax.scan((c, x) => [c, x], 0, [1, 2])
jit((x: Tensor) => x.sin())(ones(3))
F.relu(x)
linalg.norm(x)
svd(x)
interpolate(x, { scaleFactor: 2 })
const key = random.PRNGKey(0)
normal(0, 1, [3])
len(x)
print(x)
const yes = True
w.grad = None
for (const [k, row] of enumerate(x)) console.log(k, row)
const batch = next([x])
isinstance(x, Tensor)
x.to(float32)
x.to(device)
save(model.stateDict(), "model.pt")
new DataLoader(x)
new Adam(model.parameters())
optax.adam(1e-3)
Linear(2, 3)
new Parameter(x)
tree.map((p) => p, [x])
from_numpy([1, 2])
FloatTensor([1, 2])
inference_mode(() => x.sin())
jacobian((x: Tensor) => x.sin())(x)
make_jaxpr((x: Tensor) => x.sin())(x)
remat((x: Tensor) => x.sin())(x)
device_put(x)
x.cuda()
x.numpy()
x.astype("f64")
w.grad_fn
x.length
x.map((v) => v)
x.at(0).set(2)
x.svd()
w.data = w.data
w.data.sub_(0.1)
w.grad.zero_()
nn.functional.relu(x)
nn.CrossEntropyLoss()
new nn.ModuleList([])
nn.Parameter(x)
nn.utils.clip_grad_norm_(model.parameters(), 1)
nn.BatchNorm1d(3)
nn.AdaptiveAvgPool2d(1)
nn.Conv3d(1, 1, 1)
nn.one_hot(x)
new nn.ReLU()
optim.lr_scheduler.StepLR(optimizer, 30)
autograd.functional.jacobian((x: Tensor) => x.sin(), x)
class Exp extends autograd.Function {}
optimizer.param_groups
class Net extends nn.Module { constructor() { super(); this.layer = nn.linear(2, 2); } forward(x: Tensor) { return x; } }
model.to("cuda")
model(x)
tensor([1, 2], { dtype: "float32" })
w.sum().backward(true)
vmap((a: Tensor, b: Tensor) => a.mul(b), [0, null])(x, x)
new optim.SGD(model.parameters(), 0.1)
cat([x, x], { dim: 0 })
grad((x: Tensor) => x.sin())(2)
jvp((x: Tensor) => x.sin(), x, x)
nn.crossEntropy(x, [0, 1])
Math.exp(x)
randint(0, 10, 3)
x.at(":", 0)
x * 2
x + 1
nn.relu(x)
grad((x: Tensor) => x.sum(), 0)(x)
grad((x: Tensor) => [x.sum(), x], { has_aux: true })(x)
grad((x: number) => x ** 2)
x.sum({ dim: 0 })
x[x.gt(0)]
cat(x, x)
x + x
`
  .trim()
  .split("\n");

interface Hint {
  hint: string;
}

describe("A session with the library, to users of PyTorch and JAX", () => {
  let session: TestSession;
  const hints = JSON.parse(readFileSync("lib/hints.json", "utf8")) as Hint[];
  const told = new Set<Hint>();

  before(async () => {
    session = new TestSession({ prelude: DEFAULT_PRELUDE, typecheck: "error" });
    const cell = await session.run(
      "const x = ones([2]), w = ones([2], { requiresGrad: true }), model = nn.linear(2, 3), optimizer = new optim.SGD(model.parameters());",
    );
    assert.equal(cell.traceback, "");
  });
  after(() => session.close());

  for (const source of CELLS) {
    it(`says what to write instead of ${source}`, async () => {
      const { traceback } = await session.run(source);
      const shown = hints.filter(({ hint }) =>
        new RegExp(
          `^${hint.replace(/[\\^$.*+?()[\]{}|]/g, (c) => (c === "$" ? c : `\\${c}`)).replace(/\$\d/g, "\\w+")}$`,
          "m",
        ).test(traceback),
      );
      assert.notEqual(shown.length, 0, traceback);
      for (const hint of shown) told.add(hint);
    });
  }

  it("has no hint that none of these cells is told", () => {
    assert.deepEqual(
      hints.filter((hint) => !told.has(hint)).map(({ hint }) => hint),
      [],
    );
  });
});

describe("A prelude's hints", () => {
  const folder = mkdtempSync(join(tmpdir(), "adjoint-hints-"));
  const prelude = join(folder, "prelude.mjs");
  after(() => {
    rmSync(folder, { recursive: true });
  });

  async function traceback(cell: string): Promise<{ text: string; log: string }> {
    const session = new TestSession({ prelude, typecheck: "error" });
    try {
      return { text: (await session.run(cell)).traceback, log: session.log.join("\n") };
    } finally {
      await session.close();
    }
  }

  before(() => {
    writeFileSync(prelude, "export const answer = 42;");
  });

  it("stand beside its file", async () => {
    writeFileSync(
      join(folder, "prelude.hints.json"),
      JSON.stringify([
        { message: "^Cannot find name '(\\w+)_(\\w+)'", before: "never$", hint: "no" },
        { message: "^Cannot find name '(\\w+)_(\\w+)'", hint: "say $2 of $1" },
      ]),
    );
    assert.match((await traceback("the_question")).text, /^TypeScriptError: TS2304: .*\nsay question of the\n/);
  });

  it("that are no list cost nothing but themselves", async () => {
    writeFileSync(join(folder, "prelude.hints.json"), "{ broken");
    const { text, log } = await traceback("the_question");
    assert.match(text, /^TypeScriptError: TS2304: Cannot find name 'the_question'\.\nCell \[1\]/);
    assert.match(log, /the prelude's hints cannot be read/);
  });
});
