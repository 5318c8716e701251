// The graph of a computation as text and picture: what it says are the values and adjoints that the library computes otherwise.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { enableGrad, graph, mseLoss, nn, noGrad, randn, seed, type Tensor, tensor } from "../../../lib/index.ts";
import { type Bundle, CHARACTERS, DISPLAY } from "../../../lib/display/bundle.ts";

const FOLDER = fileURLToPath(new URL("../../../../test/data/display/", import.meta.url));
const EVIL = '<img src=x onerror="alert(1)"> &amp; \\N';

class Net extends nn.Module {
  hidden = nn.linear(2, 3);
  out = nn.linear(3, 1);
  forward(x: Tensor): Tensor {
    return this.out.forward(this.hidden.forward(x).tanh());
  }
}

async function shown(value: { [DISPLAY](): Promise<Bundle> }): Promise<{ svg: string; text: string }> {
  const bundle = await value[DISPLAY]();
  return { svg: String(bundle["image/svg+xml"]), text: String(bundle["text/plain"]) };
}

/** Compares both formats with their files; `ADJOINT_REWRITE=1` writes them anew. */
async function assertExpected(name: string, value: { [DISPLAY](): Promise<Bundle> }): Promise<string> {
  const { svg, text } = await shown(value);
  for (const [file, content] of [
    [`${FOLDER}${name}.svg`, svg],
    [`${FOLDER}${name}.txt`, text],
  ] as const) {
    // prettier-ignore
    if (process.env["ADJOINT_REWRITE"] !== undefined) writeFileSync(file, `${content}\n`);
    assert.equal(`${content}\n`, readFileSync(file, "utf8"), file);
  }
  return svg;
}

/** The texts of a picture. */
function texts(svg: string): string[] {
  const entities: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', "#45": "-" };
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = ""]) =>
    text.replaceAll(/&([#\w]+);/g, (_, name: string) => entities[name] ?? "?"),
  );
}

describe("graph", function () {
  this.timeout(30_000);

  it("of a tensor shows each operation, with values and adjoints on the edges", async () => {
    // Karpathy's example: https://github.com/karpathy/micrograd
    const a = tensor(2, { requiresGrad: true });
    const b = tensor(-3, { requiresGrad: true });
    const c = tensor(10, { requiresGrad: true });
    const y = a.mul(b).add(c);
    const seen = texts(await assertExpected("graph", graph(y, { a, b, c })));
    y.backward();
    for (const [name, leaf] of Object.entries({ a, b, c })) {
      const at = seen.indexOf(`${name} (parameter)`);
      assert.deepEqual(seen.slice(at + 1, at + 3), [String(leaf.item()), `∂ ${leaf.grad?.item()}`]);
    }
    assert.ok(seen.includes("mul") && seen.includes("add") && seen.includes("output"));
  });

  it("of a function shows its inputs by their names, and what flows along each edge", async () => {
    const svg = await assertExpected(
      "graph-function",
      graph((x: Tensor, w: Tensor) => x.mul(w).add(x), tensor(3), tensor(5)),
    );
    const seen = texts(svg);
    // x is used twice: 5 flows back from the product, 1 from the sum, 6 in all.
    assert.deepEqual(seen.slice(seen.indexOf("x (input)"), seen.indexOf("x (input)") + 3), ["x (input)", "3", "∂ 6"]);
    for (const adjoint of ["∂ 5", "∂ 1", "∂ 3"]) assert.ok(seen.includes(adjoint), adjoint);
  });

  it("of a module draws modules as boxes around what they do", async () => {
    seed(3);
    const svg = await assertExpected("graph-module", graph(new Net(), tensor([[1, 2]])));
    assert.deepEqual(texts(svg).filter((text) => text === "hidden" || text === "out"), ["hidden", "out"]); // prettier-ignore
    assert.equal(svg.match(/stroke-dasharray/g)?.length, 2);
  });

  it("of a loss draws boxes around what uses the parameters of the modules that it is given", async () => {
    const model = new Net();
    const loss = mseLoss(model.forward(tensor([[1, 2]])), tensor([[0]]));
    const rows = (await shown(graph(loss, model))).text.split("\n");
    assert.match(rows.find((row) => / linear /.test(row)) ?? "", / hidden /);
    assert.match(rows.findLast((row) => / linear /.test(row)) ?? "", / out /);
    assert.doesNotMatch(rows.find((row) => / tanh /.test(row)) ?? "", /hidden|out/);
  });

  it("changes no gradient, calls no hook, and leaves the module as it was", () => {
    const model = new Net();
    const x = tensor([[1, 2]]);
    let hooks = 0;
    model.hidden.weight.registerHook(() => {
      hooks++;
      return undefined;
    });
    noGrad(() => graph(model, x));
    graph(model.forward(x).sum());
    assert.equal(hooks, 0);
    assert.deepEqual(model.parameters().map(({ grad }) => grad), [null, null, null, null]); // prettier-ignore
    assert.ok(!x.requiresGrad && !Object.hasOwn(model, "forward") && !Object.hasOwn(model.hidden, "forward"));
    assert.ok(enableGrad(() => model.forward(x)).requiresGrad);
  });

  it("escapes names in its picture, and has no script in it", async () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const { svg, text } = await shown(graph(x.sum(), { [EVIL]: x }));
    assert.ok(
      texts(svg).some((seen) => seen.startsWith(EVIL.slice(0, 40))),
      svg,
    );
    assert.doesNotMatch(svg, /<img|<script|<foreignObject|onerror="/);
    assert.match(text, /<img src=x/);
  });

  it("has a title that says it in words", async () => {
    const { svg } = await shown(graph((x: Tensor) => x.exp().sum(), tensor([0])));
    const title =
      "graph of 2 operations from 0 parameters and 1 input; output 1: exp, sum. ∂ is the derivative of the output";
    assert.ok(svg.includes(`<title>${title}</title>`), svg);
    assert.match(svg, /^<svg role="img" /);
  });

  it("of a freed graph is as it was after the last backward(), and else says what would help, in place of the picture", async () => {
    const x = tensor(2, { requiresGrad: true });
    const y = x.square();
    const before = await graph(y)[DISPLAY]();
    y.backward();
    assert.deepEqual(await graph(y)[DISPLAY](), before);
    x.square().backward();
    const bundle = await graph(y)[DISPLAY]();
    assert.deepEqual(Object.keys(bundle), ["text/plain"]);
    assert.match(
      String(bundle["text/plain"]),
      /^\[no graph: this graph was freed by backward\(\), and only the last one can still be shown; call graph\(loss\) right after it/,
    );
    assert.match(String(graph(tensor(2))), /computed from nothing that needs a gradient/);
  });

  it("breaks what is wider than a page into rows, in which each box and label stands once", async () => {
    let y: Tensor = tensor(1, { requiresGrad: true });
    for (let k = 0; k < 30; k++) y = y.mul(1.5).sin();
    const { svg } = await shown(graph(y));
    const rows = [...svg.matchAll(/<svg y="([\d.]+)" width="(\d+)" height="(\d+)" viewBox="(\S+) /g)].map(([, ...numbers]) => numbers.map(Number)); // prettier-ignore
    assert.ok(rows.length > 5, `${rows.length} rows`);
    rows.forEach(([y = 0, width = 0, , left = 0], k) => {
      const [top = -Infinity, before = 0, height = 0, start = 0] = rows[k - 1] ?? [];
      assert.ok(width <= 1000 && y >= top + height, "no row is wider than a page, or over another");
      // 10 pixels on either side are those of the neighbour.
      if (k > 0) assert.ok(Math.abs(left - (start + before - 20)) <= 1, "a row begins where the one before ends");
    });
    assert.equal(texts(svg).filter((seen) => seen === "sin").length, 30);
    assert.equal(texts(svg).filter((seen) => seen.startsWith("∂")).length, 60);
    assert.match(svg, /<title>[^<]*\. In \d+ rows, to be read like lines of text<\/title>/);
  });

  it("writes the parameters of many boxes into those of the operations that use them", async () => {
    const model = nn.sequential(...Array.from({ length: 20 }, () => nn.linear(2, 2)));
    const { svg, text } = await shown(graph(model, tensor([[1, 2]])));
    const seen = texts(svg);
    const at = seen.findIndex((line) => line.startsWith("weight 2×2 ∂ ‖"));
    assert.match(seen[at + 1] ?? "", /^bias \[\S+, \S+\] ∂ |^bias 2 ∂ ‖/);
    assert.equal(seen.filter((line) => line.startsWith("weight ")).length, 20);
    assert.match(svg, /below an operation stand the parameters and constants that only it uses/);
    assert.equal(text.match(/weight \(parameter\)/g)?.length, 20, "the table has a row for each");
  });

  it("shows the last of very many nodes, in bounded space", async () => {
    let y: Tensor = randn([3, 3], { requiresGrad: true });
    for (let k = 0; k < 1000; k++) y = y.mul(1.001).sin();
    const { svg, text } = await shown(graph(y.sum()));
    assert.ok(svg.length < CHARACTERS);
    assert.match(text, /\nthe last 200 of 2,002 nodes\n/);
    assert.equal(texts(svg).filter((seen) => seen === "sin").length, 100);
  });

  it("passes on what the user's function throws, and refuses what is no computation", () => {
    const broken = new RangeError("mine");
    assert.throws(() => graph(() => { throw broken; }), broken); // prettier-ignore
    assert.throws(() => graph(() => 3), /^TypeError: graph: the function must return one tensor/);
    assert.throws(() => graph(3 as never), /^TypeError: graph: takes a tensor, or a function or a module/);
    assert.throws(
      () => graph(tensor(1), 3 as never),
      /^TypeError: graph: after a tensor comes a module, or tensors by name/,
    );
  });
});
