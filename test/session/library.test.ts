// The library as the prelude of a session: in scope of every cell, typed, one copy, below the user's own names, and sound after an
// interrupt, which skips `finally`.
import assert from "node:assert/strict";
import { DEFAULT_PRELUDE } from "../../kernel/session.ts";
import { TestSession } from "../session-harness.ts";

describe("A session with the library", () => {
  let session: TestSession;

  before(() => {
    session = new TestSession({ prelude: DEFAULT_PRELUDE, typecheck: "error" });
  });
  after(() => session.close());

  async function value(code: string): Promise<unknown> {
    const { result, traceback } = await session.run(code);
    assert.equal(traceback, "");
    return result;
  }

  it("has its names in scope", async () => {
    assert.equal(await value("tensor([[1, 2], [3, 4]]).matmul(ones([2, 1])).sum().item()"), "10");
    assert.equal(await value("grad((x: Tensor) => x.pow(3).sum())(tensor(2)).item()"), "12");
  });

  it("gives the same copy to an import", async () => {
    assert.equal(
      await value(
        'import { Tensor as Imported, tensor as make } from "adjoint"; make === tensor && Imported === Tensor',
      ),
      "true",
    );
    assert.equal(await value('(await import("adjoint")).Tensor === Tensor'), "true");
  });

  it("finds a mismatch of shapes before the cell runs", async () => {
    const { traceback } = await session.run('console.log("ran"); ones([4, 2]).matmul(ones([3, 5]))');
    assert.match(traceback, /matmul: inner dimensions differ: \[4, 2\] and \[3, 5\]/);
  });

  it("shows an error of the library where the user called it, without a stack of the library's own", async () => {
    await session.run("const wide: Tensor = ones([4, 2])");
    const { traceback } = await session.run("wide.matmul(wide)");
    assert.match(
      traceback,
      /^RangeError: matmul: inner dimensions differ: \[4, 2\] and \[4, 2\]\nCell \[\d+\], line 1/,
    );
    assert.doesNotMatch(traceback, /adjoint\.mjs/);
  });

  it("completes its names below the user's own, and explains them", async () => {
    await session.run("const tensorial = 1; const softMargin = 2;");
    const { matches } = await session.session.complete("tensor", 6);
    assert.ok(matches.indexOf("tensorial") < matches.indexOf("tensor"), matches.join());
    const soft = (await session.session.complete("soft", 4)).matches;
    assert.deepEqual(soft.slice(0, 2), ["softMargin", "softmax"]);
    const { data } = await session.session.inspect("softmax", 3, 0);
    assert.match(String(data["text/plain"]), /function softmax/);
  });

  it("is none of the names that %who lists", async () => {
    const text = JSON.stringify((await session.run("%who")).outputs);
    assert.match(text, /tensorial/);
    assert.doesNotMatch(text, /\b(?:relu|optim|mseLoss|DataLoader)\b/);
  });

  for (const [code, result] of [
    ["const tensor = 5; tensor + 1", "6"],
    ['function sum(): string { return "mine"; }\nsum()', "'mine'"],
    ["let data = [1, 2];\ndata = [3]; data.length", "1"],
    ["const t = 3; t", "3"],
    ["const grad = 1; grad", "1"],
    ["var relu = 3; relu++; relu", "4"],
    ["class Generator { kind = 'own' }\nnew Generator().kind", "'own'"],
    ["enum nn { A, B }\nnn.B", "1"],
    ["type Shape = 'round'; const shape: Shape = 'round'; shape", "'round'"],
    ["interface Graph { size: number }\nconst graph: Graph = { size: 1 }; graph.size", "1"],
    ["namespace softmax { export const a = 7; }\nsoftmax.a", "7"],
    ['import * as optim from "node:path"; optim.basename("a/b")', "'b'"],
    ['import trace from "node:os"; typeof trace.cpus', "'function'"],
    ["const { exp, log } = Math; exp(0) + log(1)", "1"],
    ["let total = 0; for (const pow of [1, 2]) total += pow; total", "3"],
    ["[1, 2].map((square) => square + 1)", "[ 2, 3 ]"],
  ] as const) {
    it(`gives way without friction: ${code.replaceAll("\n", " ")}`, async () => {
      const cell = await session.run(code);
      assert.equal(cell.traceback, "");
      assert.equal(cell.result, result);
    });
  }

  it("keeps to the user's names in later cells", async () => {
    assert.equal(await value("[tensor, sum(), t, grad, relu]"), "[ 5, 'mine', 3, 1, 4 ]");
  });

  for (const [typed, meant] of [
    ["no_grad(() => 1)", "noGrad"],
    ["value_and_grad(1)", "valueAndGrad"],
    ["logSoftMax(1)", "logSoftmax"],
    ["tensoriel", "tensorial"],
  ] as const) {
    it(`says of ${typed} what was meant`, async () => {
      assert.match((await session.run(typed)).traceback, new RegExp(`did you mean '${meant}'\\?`));
    });
  }

  it("says that its names are constants", async () => {
    assert.match((await session.run("sigmoid = 3")).traceback, /Cannot assign to 'sigmoid' because it is a constant/);
  });

  it("is not there when it is switched off", async () => {
    const without = new TestSession({ prelude: null });
    try {
      assert.match((await without.run("tensor([1])")).traceback, /ReferenceError: tensor is not defined/);
    } finally {
      await without.close();
    }
  });
});

describe("The library after an interrupt", () => {
  let session: TestSession;

  before(async () => {
    session = new TestSession({ prelude: DEFAULT_PRELUDE });
    await session.run("const w = tensor([1, 2, 3], { requiresGrad: true }); let steps = 0;");
  });
  after(() => session.close());

  /** What runs until it is stopped; it says when it is in the midst. */
  const forever = 'if (steps++ === 0) console.log("in"); while (true) w.detach().mul(2);';
  for (const [where, code] of Object.entries({
    noGrad: `noGrad(() => { ${forever} })`,
    "noGrad in enableGrad in noGrad": `noGrad(() => enableGrad(() => noGrad(() => { ${forever} })))`,
    backward: `const loss = w.square().sum(); const middle = w.mul(1); middle.registerHook(() => { ${forever} });
      const total = middle.square().sum(); total.backward()`,
    "backward with createGraph": `const z = w.mul(1); z.registerHook(() => { ${forever} }); z.pow(3).sum().backward({ createGraph: true })`,
    vmap: `vmap((x: Tensor) => { ${forever} return x; })(ones([3, 2]))`,
    "nested grad": `grad((x: Tensor) => grad((y: Tensor) => { ${forever} return y.mul(x).sum(); })(x).sum())(tensor(2))`,
    jvp: `jvp((x: Tensor) => { ${forever} return x; }, [tensor(1)], [tensor(1)])`,
    checkpoint: `checkpoint((x: Tensor) => { if (steps++ === 0) console.log("in"); while (true) x.mul(2); return x; })(w)`,
    customVjp: `grad((x: Tensor) => customVjp((y: Tensor) => y.sin(), () => { ${forever} return [x]; })(x).sum())(tensor(2))`,
    measure: `measure(() => { ${forever} })`,
    trace: `trace((x: Tensor) => { ${forever} return x; })(tensor(2))`,
    detectAnomaly: `detectAnomaly(() => { ${forever} })`,
    gradcheck: `gradcheck((x: Tensor) => { ${forever} return x; }, [tensor([1], { dtype: "f64" })])`,
    "a training loop": `const model = nn.linear(3, 1); const sgd = new optim.SGD(model.parameters(), { lr: 1e-3 });
      while (true) { sgd.zeroGrad(); const fit = model.forward(w.detach()).square().sum(); fit.backward(); sgd.step(); if (steps++ === 5) console.log("in"); }`,
  })) {
    it(`in the middle of ${where} is sound, and has its variables`, async () => {
      await session.run("steps = 0; w.zeroGrad();");
      const { cell, done } = session.start(code);
      await Promise.race([cell.until(() => cell.text().includes("in\n")), done]);
      assert.equal(cell.traceback, "");
      await session.session.interrupt();
      await done;
      assert.match(cell.traceback, /^KeyboardInterrupt/);
      const check = await session.run(`w.zeroGrad();
        const y = w.square().sum();
        y.backward();
        const slope = grad((x: Tensor) => grad((u: Tensor) => u.pow(3).sum())(x).sum())(tensor(2)).item();
        const rows = vmap((x: Tensor) => x.mul(2).sum())(ones([2, 2])).toArray();
        JSON.stringify([isGradEnabled(), y.requiresGrad, w.grad?.toArray(), slope, rows, steps > 0])`);
      assert.equal(check.result, "'[true,true,[2,4,6],12,[4,4],true]'", check.traceback);
    });
  }

  it("walks a graph again whose backward was cut off", async () => {
    await session.run(`w.zeroGrad(); steps = 0; const part = w.mul(2);
      const stop = part.registerHook(() => { if (steps++ === 0) { console.log("in"); while (true) w.detach().mul(2); } });
      const whole = part.mul(3).sum();`);
    const { cell, done } = session.start("whole.backward()");
    await cell.until(() => cell.text() === "in\n");
    await session.session.interrupt();
    await done;
    assert.equal((await session.run("stop(); whole.backward(); w.grad?.toArray()")).result, "[ 6, 6, 6 ]");
  });
});
