// Cells that show every chart and graph of the library, and progress, each with what is seen of its outputs.

export interface ChartCell {
  readonly id: string;
  readonly source: string;
  /** "chart" is JupyterLab's own drawing of a specification. */
  readonly seen: readonly ("chart" | "image/svg+xml" | "text/html" | "text/plain")[];
  /** What its picture and its text tell. */
  readonly tells: RegExp;
}

/** A name that must stay text wherever it is shown. */
const EVIL = `<img src=x onerror="document.title='evil'">`;

export const CHART_CELLS: readonly ChartCell[] = [
  {
    id: "live",
    source: `seed(7);
const [inputs, labels] = data.moons(120).tensors;
const targets = labels.reshape([-1, 1]).to("f32");
const model = nn.sequential(nn.linear(2, 8), nn.tanh(), nn.linear(8, 1), nn.sigmoid());
const optimizer = new optim.Adam(model.parameters(), { lr: 0.03 });
const curve = lossCurve([], { live: true, log: true, title: "Moons" });
const norms = gradientNorms(model);
const weights = histogram(model, { title: "weights" });
for (const step of range(200)) {
  optimizer.zeroGrad();
  const loss = mseLoss(model.forward(inputs), targets);
  loss.backward();
  curve.push(loss);
  norms.push();
  if (step % 20 === 0) weights.push(undefined, step);
  optimizer.step();
}`,
    seen: ["chart"],
    tells: /Moons: loss/,
  },
  {
    id: "curves",
    source: `lossCurve({ train: linspace(2, 0.1, 100), valid: linspace(2.2, 0.4, 100) }, { title: ${JSON.stringify(EVIL)} })`,
    seen: ["chart"],
    tells: /train .*valid/s,
  },
  {
    id: "runs",
    source: `lossCurve({ "lr 0.1": { train: [3, 1, 0.5], valid: [3, 1.5, 1] }, "lr 0.01": { train: [3, 2.5, 2], valid: [3, 2.7, 2.4] } }, { x: "epoch" })`,
    seen: ["chart"],
    tells: /lr 0\.1 train/,
  },
  {
    id: "million",
    source:
      "lossCurve(Float32Array.from({ length: 1_000_000 }, (_, k) => 1 / (1 + k / 1e5) + (k % 97) / 500), { smooth: 0.9 })",
    seen: ["chart"],
    tells: /1,000,000 points, thinned/,
  },
  { id: "norms", source: "norms", seen: ["chart"], tells: /norm of the gradient/ },
  { id: "weights", source: "weights", seen: ["chart"], tells: /weights over steps/ },
  { id: "histogram", source: "histogram(randn([1000]))", seen: ["chart"], tells: /1,000 numbers/ },
  {
    id: "boundary",
    source: "decisionBoundary(model, inputs, labels)",
    seen: ["chart"],
    tells: /of 120 points on their side/,
  },
  {
    id: "fit",
    source: `const xs = linspace(0, 6, 40);
functionFit({ sine: (x: Tensor) => x.sin(), line: (x: Tensor) => x.mul(-0.3).add(1) }, xs, xs.sin().add(randn([40]).mul(0.1)))`,
    seen: ["chart"],
    tells: /sine: mean squared error/,
  },
  {
    id: "confusion",
    source: "confusionMatrix(model.forward(inputs).gt(0.5).flatten(), labels.flatten())",
    seen: ["chart"],
    tells: /of 120 right/,
  },
  {
    id: "spec",
    source: `vegaLite(
  { title: "Noise", mark: "bar", width: 300, encoding: { x: { field: "k", type: "ordinal" }, y: { field: "v", type: "quantitative" } } },
  { data: { k: arange(5), v: tensor([1, 3, NaN, 2, 4]) } },
)`,
    seen: ["chart"],
    tells: /Noise/,
  },
  {
    id: "graph",
    source: `const a = tensor(2, { requiresGrad: true }), b = tensor(-3, { requiresGrad: true });
graph(a.mul(b).add(10).tanh(), { ${JSON.stringify(EVIL)}: a, b })`,
    seen: ["image/svg+xml"],
    tells: /graph of 3 operations/,
  },
  { id: "model-graph", source: "graph(model, inputs)", seen: ["image/svg+xml"], tells: /graph of 4 operations/ },
  {
    id: "progress",
    source: `let total = 0;
for (const epoch of progress(range(3), { total: () => total }, { title: "epochs" })) {
  for (const k of progress(range(100))) total += k;
}`,
    seen: ["text/html"],
    tells: /3 of 3/,
  },
  {
    id: "freed",
    source: `const spent = a.mul(2);
spent.backward();
a.mul(3).backward();
graph(spent)`,
    seen: ["text/plain"],
    tells: /this graph was freed by backward/,
  },
];
