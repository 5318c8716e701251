// Every display of the library, of as much as users may have: what its whole bundle takes in a notebook's file is measured by tests.
import { completed } from "../../kernel/display/complete.ts";
import { formatNotebook } from "../../kernel/notebook.ts";
import { type Bundle, DISPLAY } from "../../lib/display/bundle.ts";
import {
  cat, compareGradients, confusionMatrix, crossEntropy, data, decisionBoundary, functionFit, gradientNorms, gradients, graph, histogram, linspace,
  lossCurve, nn, ones, optim, rand, randint, randn, seed, tape, type Tensor, tensor, vegaLite,
} from "../../lib/index.ts"; // prettier-ignore

/** Bytes of one output in a notebook's file. */
export const LIMIT = 200_000;

export interface Shown {
  /** All formats together, as they are stored. */
  readonly bytes: number;
  readonly data: Bundle;
}

export async function shown(value: object): Promise<Shown> {
  const method = Reflect.get(value, DISPLAY) as () => Bundle | Promise<Bundle>;
  const bundle = await Reflect.apply(method, value, []);
  const { data: all, metadata } = await completed({ data: bundle, metadata: {} });
  const output = { output_type: "display_data" as const, data: all, metadata };
  const cell = { cell_type: "code" as const, id: "a", execution_count: 1, metadata: {}, source: "" };
  const stored = (outputs: (typeof output)[]): number =>
    Buffer.byteLength(formatNotebook({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [{ ...cell, outputs }] }));
  return { bytes: stored([output]) - stored([]), data: all };
}

const LONG = "<b>a name that is rather long & needs escapes</b> $x^2$ ".repeat(2);

function named(count: number, shape: number[]): Record<string, Tensor> {
  return Object.fromEntries(Array.from({ length: count }, (_, k) => [`${LONG}${k}`, randn(shape, { requiresGrad: true })]));
} // prettier-ignore

function noise(n: number): Float64Array {
  return rand([n]).data as Float64Array;
}

function series(count: number, n: number): Record<string, Float64Array> {
  return Object.fromEntries(Array.from({ length: count }, (_, k) => [`${k} ${LONG}`, noise(n)]));
}

function deep(layers: number): nn.Module {
  return nn.sequential(...Array.from({ length: layers }, () => [nn.linear(4, 4), nn.tanh()]).flat());
}

function trained(model: nn.Module): nn.Module {
  (model as unknown as { forward(x: Tensor): Tensor })
    .forward(ones([2, 4]))
    .sum()
    .backward();
  return model;
}

class Residual extends nn.Module {
  a = nn.linear(4, 4);
  b = nn.linear(4, 4);
  forward(x: Tensor): Tensor {
    return this.b.forward(this.a.forward(x).tanh()).add(x).relu();
  }
}

function chain(steps: number): Tensor {
  let y: Tensor = randn([1, 1], { requiresGrad: true });
  for (let k = 0; k < steps; k++) y = y.mul(1.001).sin();
  return y.sum();
}

/** A model whose output changes from place to place. */
function rugged(x: Tensor): Tensor {
  const [a, b] = [x.slice([null], [0, 1]), x.slice([null], [1, 2])];
  return a.mul(40).sin().mul(b.mul(37).cos());
}

const POINT = { x: { field: "x", type: "quantitative" }, y: { field: "y", type: "quantitative" } };

/** What is quick enough for each run of the tests. */
export const QUICK: Readonly<Record<string, () => object>> = {
  "a matrix": () => randn([1000, 1000]),
  "a tensor of rank 4": () => randn([20, 20, 20, 20]).named(LONG),
  "an image": () => rand([800, 600, 3]).image(),
  "a grey image": () => rand([512, 512]).image(),
  "gradients of many parameters": () => gradients(trained(deep(300))),
  "gradients with long names": () => gradients(named(500, [8, 8])),
  "several ways to many gradients": () => {
    const model = trained(deep(200));
    return compareGradients({ a: model, b: model, c: model, [LONG]: model });
  },
  "a long tape": () => tape(chain(1000), undefined, { mode: "both" }),
  "a tape with long names": () => {
    const all = named(200, [2, 2]);
    return tape(Object.values(all).reduce((a, b) => a.mul(b)).sum(), all); // prettier-ignore
  },
  "a model": () => deep(1000),
  "a data set": () => data.moons(100_000),
  "a loader": () => new data.DataLoader(data.moons(100_000), { batchSize: 32 }),
  "an optimizer": () => new optim.Adam(deep(1000).parameters()),
  "curves of losses": () => lossCurve({ train: noise(100_000), valid: noise(100_000) }, { smooth: 0.9 }),
  "histograms over steps": () => {
    const shown = histogram(deep(4), { bins: 200 });
    for (let k = 0; k < 100; k++) shown.push();
    return shown;
  },
};

/** What takes a second or more. */
export const SLOW: Readonly<Record<string, () => object>> = {
  "a matrix of 30 classes": () =>
    confusionMatrix(randint(0, 30, [100_000]), randint(0, 30, [100_000]), { labels: Array.from({ length: 30 }, (_, k) => `${k}${LONG}`) }), // prettier-ignore
  "a boundary": () => decisionBoundary(rugged, randn([100_000, 2]), randint(0, 2, [100_000]), { resolution: 100 }),
  "a graph with long names": () => {
    const all = named(100, [4]);
    return graph(Object.values(all).reduce((a, b) => a.mul(b)).sum(), all); // prettier-ignore
  },
  "a graph of a long chain": () => graph(chain(500)),
  "a graph of a deep model": () => graph(deep(100), ones([2, 4])),
  "a graph of residual blocks": () => graph(nn.sequential(...Array.from({ length: 40 }, () => new Residual())), ones([2, 4])), // prettier-ignore
  "a graph of what is joined": () => graph(cat(Array.from({ length: 65 }, (_, k) => tensor([k], { requiresGrad: true }).sin())).sum()), // prettier-ignore
  "losses of 40 runs": () => lossCurve(series(40, 5000), { smooth: 0.9 }),
  "losses of 20 runs on a log axis": () =>
    lossCurve(Object.fromEntries(Array.from({ length: 20 }, (_, k) => [`run ${k}`, series(2, 5000)])), { log: true, smooth: 0.5 }), // prettier-ignore
  "losses with gaps": () =>
    lossCurve(
      noise(100_000).map((x, k) => (k % 3 === 0 ? NaN : x)),
      { smooth: 0.5 },
    ),
  "norms of 60 gradients": () => {
    const model = trained(deep(30));
    const norms = gradientNorms(model);
    for (let step = 0; step < 500; step++) {
      for (const { grad } of model.parameters()) grad?.mul_(0.7 + 0.6 * rand([]).item());
      norms.push();
    }
    return norms;
  },
  "histograms of 200 parts": () => histogram(deep(2), { bins: 200 }),
  "histograms with long names": () => {
    const shown = histogram(named(50, [100]), { bins: 200 });
    for (let k = 0; k < 50; k++) shown.push();
    return shown;
  },
  "a boundary of ten classes": () => {
    const model = nn.sequential(nn.linear(2, 30), nn.tanh(), nn.linear(30, 10));
    return decisionBoundary(model, randn([400, 2]), randint(0, 10, [400]), { resolution: 100 });
  },
  "a boundary of noise": () => decisionBoundary(({ shape: [n = 0] }: Tensor) => randn([n, 10]), randn([400, 2]), randint(0, 10, [400])), // prettier-ignore
  "40 functions": () =>
    functionFit(
      Object.fromEntries(Array.from({ length: 40 }, (_, k) => [`${k}${LONG}`, (x: Tensor) => x.mul(k).sin()])),
      linspace(0, 6, 20_000),
      randn([20_000]),
    ),
  "a chart of points": () => vegaLite({ mark: "point", encoding: POINT }, { data: { x: rand([20_000]), y: rand([20_000]) } }), // prettier-ignore
  "a chart of rectangles": () =>
    vegaLite(
      { mark: "rect", encoding: { x: { field: "x", type: "ordinal" }, y: { field: "y", type: "ordinal" }, color: { field: "c", type: "quantitative" } } },
      { data: { x: Array.from({ length: 2500 }, (_, k) => k % 50), y: Array.from({ length: 2500 }, (_, k) => Math.floor(k / 50)), c: rand([2500]) } },
    ), // prettier-ignore
  "the loss of digits": () => {
    const [x, y] = data.digits().tensors;
    const model = nn.sequential(nn.linear(64, 128), nn.sigmoid(), nn.linear(128, 10));
    crossEntropy(model.forward(x.reshape([-1, 64])), y).backward();
    return gradients(model);
  },
};

export function reset(): void {
  seed(1);
}
