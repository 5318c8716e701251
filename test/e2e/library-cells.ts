// Cells that show every table, formula and picture of the library, each with the format in which it is seen.

export interface LibraryCell {
  readonly id: string;
  readonly source: string;
  /** What JupyterLab chooses of its bundle. */
  readonly seen: "text/html" | "text/latex" | "text/markdown" | "text/plain" | "image/png";
}

/** A name that must stay text wherever it is shown. */
export const EVIL = `<img src=x onerror="document.title='evil'">$x$`;

export const LIBRARY_CELLS: readonly LibraryCell[] = [
  {
    id: "tensor",
    source: `const W = tensor([[0.5, -1.25, 0], [2, -0.1, NaN]], { requiresGrad: true }).named("W");
W`,
    seen: "text/html",
  },
  { id: "vector", source: "linspace(-1, 1, 9)", seen: "text/html" },
  { id: "slices", source: "arange(24).reshape([2, 3, 4])", seen: "text/html" },
  { id: "large", source: "seed(0);\nrandn([1000, 500])", seen: "text/html" },
  { id: "number", source: "tensor(0.25)", seen: "text/plain" },
  { id: "latex", source: `tensor([[1, -0.5], [1e-7, 3]]).latex({ name: "A" })`, seen: "text/latex" },
  { id: "image", source: "randn([12, 20]).image({ signed: true })", seen: "text/html" },
  { id: "digits", source: "data.digits()", seen: "text/html" },
  { id: "loader", source: "new data.DataLoader(data.iris(), { batchSize: 32, shuffle: true })", seen: "text/html" },
  {
    id: "model",
    source: `const model = nn.sequential(nn.linear(2, 3), nn.sigmoid(), nn.linear(3, 1));
model`,
    seen: "text/html",
  },
  { id: "optimizer", source: "new optim.Adam(model.parameters(), { lr: 0.01 })", seen: "text/html" },
  {
    id: "tape",
    source: `const [inputs, targets] = data.xor().tensors;
const loss = mseLoss(model.forward(inputs), targets);
tape(loss, model)`,
    seen: "text/markdown",
  },
  {
    id: "tape-both",
    source: `tape((x: Tensor, w: Tensor) => x.mul(w).add(1).sigmoid(), { x: tensor(2), w: tensor(0.5) }, { mode: "both", direction: { w: 1 } })`,
    seen: "text/markdown",
  },
  { id: "gradients", source: "loss.backward();\ngradients(model)", seen: "text/html" },
  {
    id: "compare",
    source: `const error = ({ W, b }: { W: Tensor; b: Tensor }) => mseLoss(inputs.matmul(W).add(b).sigmoid(), targets);
const parameters = { W: tensor([[0.3], [-0.2]], { requiresGrad: true }), b: tensor([0.1], { requiresGrad: true }) };
error(parameters).backward();
compareGradients({
  backward: parameters,
  functional: grad(error)(parameters),
  numeric: numericGradient(error, parameters),
  wrong: { W: zeros([2, 1]), b: parameters.b.grad! },
})`,
    seen: "text/html",
  },
  {
    id: "evil",
    source: `const evil = tensor([[1, 2]], { requiresGrad: true }).named(${JSON.stringify(EVIL)});
evil`,
    seen: "text/html",
  },
  {
    id: "evil-tape",
    source: "const evilLoss = evil.square().sum();\ntape(evilLoss)",
    seen: "text/markdown",
  },
  { id: "evil-gradients", source: "evilLoss.backward();\ngradients([evil])", seen: "text/html" },
];
