// What each front end makes of each display: which format it takes of a bundle, and what it leaves of the HTML. Their orders and rules are data
// here, with the place that they were read from; VS Code and JupyterLab have also been looked at.

import assert from "node:assert/strict";
import { defaultSchema } from "rehype-sanitize";
import sanitizeHtml from "sanitize-html";
import { completed } from "../../../kernel/display/complete.ts";
import {
  compareGradients,
  confusionMatrix,
  crossEntropy,
  data,
  gradients,
  graph,
  lossCurve,
  nn,
  optim,
  progress,
  rand,
  range,
  seed,
  tape,
  tensor,
} from "../../../lib/index.ts";
import { DISPLAY } from "../../../lib/display/bundle.ts";
import { VEGA_LITE } from "../../../lib/display/theme.ts";
import { tablesOf, textOf } from "./expected.ts";

const HTML = "text/html";
const SVG = "image/svg+xml";
const PNG = "image/png";
const [MARKDOWN, LATEX, TEXT] = ["text/markdown", "text/latex", "text/plain"];

/** The first of these that a bundle has is shown. */
const ORDERS: Record<string, readonly string[]> = {
  // The ranks in packages/rendermime/src/factories.ts, and packages/vega5-extension.
  JupyterLab: [HTML, VEGA_LITE, MARKDOWN, LATEX, SVG, PNG, TEXT],
  "JupyterLab, not trusted": [HTML, VEGA_LITE, MARKDOWN, LATEX, PNG, TEXT],
  // NOTEBOOK_DISPLAY_ORDER in src/vs/workbench/contrib/notebook/common/notebookCommon.ts, before which comes what it does not name.
  "VS Code with its Jupyter renderers": [VEGA_LITE, HTML, SVG, LATEX, MARKDOWN, PNG, TEXT],
  "VS Code alone": [HTML, SVG, LATEX, MARKDOWN, PNG, TEXT],
  // `display_data_priority` in nbconvert/exporters/html.py.
  nbconvert: [HTML, MARKDOWN, SVG, LATEX, PNG, TEXT],
  // It began as nbconvert's; since 2018 PNG comes before SVG (https://github.com/jupyter/nbviewer/issues/453), whose shapes it breaks
  // (https://github.com/jupyter/nbviewer/issues/1037).
  GitHub: [HTML, MARKDOWN, LATEX, PNG, SVG, TEXT],
};

/** For each front end in the order above. */
const CHOSEN: Record<string, readonly string[]> = {
  text: [TEXT, TEXT, TEXT, TEXT, TEXT, TEXT],
  table: [HTML, HTML, HTML, HTML, HTML, HTML],
  markdown: [MARKDOWN, MARKDOWN, MARKDOWN, MARKDOWN, MARKDOWN, MARKDOWN],
  formula: [LATEX, LATEX, LATEX, LATEX, LATEX, LATEX],
  chart: [VEGA_LITE, VEGA_LITE, VEGA_LITE, SVG, SVG, PNG],
  drawing: [SVG, PNG, SVG, SVG, SVG, PNG],
};

interface Shown {
  readonly name: string;
  readonly kind: keyof typeof CHOSEN;
  readonly value: object;
}

function displays(): Shown[] {
  seed(7);
  const [x, y] = data.moons(40).tensors;
  const model = nn.sequential(nn.linear(2, 4), nn.sigmoid(), nn.linear(4, 2));
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.05 });
  const loss = crossEntropy(model.forward(x), y);
  loss.backward({ retainGraph: true });
  const w = tensor([1, NaN, 3], { requiresGrad: true });
  w.square().sum().backward();
  const bar = progress(range(4), { loss: 0.25 });
  for (const _ of bar) void _;
  return [
    { name: "scalar", kind: "text", value: tensor(3) },
    { name: "tensor", kind: "table", value: x.named("x") },
    { name: "cube", kind: "table", value: rand([2, 3, 2]) },
    { name: "formula", kind: "formula", value: x.latex() },
    { name: "image", kind: "table", value: rand([8, 8]).image() },
    { name: "model", kind: "table", value: model },
    { name: "optimizer", kind: "table", value: optimizer },
    { name: "dataset", kind: "table", value: data.digits() },
    { name: "loader", kind: "table", value: new data.DataLoader(data.moons(30), { batchSize: 10 }) },
    { name: "gradients", kind: "table", value: gradients(model) },
    { name: "sick gradients", kind: "table", value: gradients({ "<w>": w }) },
    {
      name: "comparison",
      kind: "table",
      value: compareGradients({ backward: { w }, byHand: { w: w.detach().mul(2) } }),
    },
    { name: "tape", kind: "markdown", value: tape(loss, model) },
    { name: "graph", kind: "drawing", value: graph(loss, model) },
    { name: "loss curve", kind: "chart", value: lossCurve({ train: [3, 2, 1], valid: [3, 2.5, 2] }) },
    { name: "confusion matrix", kind: "chart", value: confusionMatrix(model.forward(x), y) },
  ];
}

/** The bundle as this kernel saves it, pictures of charts and graphs included. */
async function saved(value: object): Promise<Record<string, unknown>> {
  const method: unknown = Reflect.get(value, DISPLAY);
  assert.ok(typeof method === "function");
  const bundle = (await Reflect.apply(method, value, [])) as Record<string, unknown>;
  return (await completed({ data: bundle, metadata: {} })).data;
}

// What GitHub leaves of HTML in a README (https://github.com/github/markup#github-markup), kept up to date by rehype-sanitize. In notebooks it
// takes away as much or less: scripts, styles and classes are gone (https://github.com/pandas-dev/pandas/issues/33076), pictures from
// within the file were once shown and once not.
const names = (attributes: readonly unknown[] = []): string[] =>
  attributes.flatMap((attribute) => (typeof attribute === "string" ? [attribute.toLowerCase()] : []));
const GITHUB: sanitizeHtml.IOptions = {
  allowedTags: [...(defaultSchema.tagNames ?? [])],
  allowedAttributes: {
    "*": names(defaultSchema.attributes?.["*"]),
    img: [...names(defaultSchema.attributes?.["img"])],
  },
  allowedSchemesByTag: { img: [...(defaultSchema.protocols?.["src"] ?? [])] },
  nonTextTags: [...(defaultSchema.strip ?? [])],
};

/** The alternative texts of pictures. */
const alternatives = (html: string): string[] => [...html.matchAll(/ alt="([^"]*)"/g)].map(([, alt = ""]) => alt);

describe("Displays in front ends", () => {
  let all: (Shown & { bundle: Record<string, unknown> })[];

  before(async () => {
    all = await Promise.all(displays().map(async (shown) => ({ ...shown, bundle: await saved(shown.value) })));
  });

  it("offer each front end the format that suits it", () => {
    for (const { name, kind, bundle } of all) {
      const taken = Object.entries(ORDERS).map(([host, order]) => [host, order.find((type) => type in bundle)]);
      const expected = Object.keys(ORDERS).map((host, k) => [host, CHOSEN[kind]?.[k]]);
      assert.deepEqual(taken, expected, name);
    }
  });

  it("keep every number, name, caption, flag and picture's text of their HTML on GitHub, in the same cells", () => {
    for (const { name, bundle } of all) {
      if (!(HTML in bundle)) continue;
      const html = String(bundle[HTML]);
      const left = sanitizeHtml(html, GITHUB);
      assert.doesNotMatch(left, /style|<caption|data:/, name);
      assert.equal(textOf(left), textOf(html), name);
      assert.deepEqual(tablesOf(left), tablesOf(html), name);
      assert.deepEqual(alternatives(left), alternatives(html), name);
      if (html.includes("<img")) assert.ok(alternatives(left).length > 0, name);
    }
    const sick = all.find(({ name }) => name === "sick gradients");
    assert.match(textOf(sanitizeHtml(String(sick?.bundle[HTML]), GITHUB)), /<w>.*1 NaN of 3/s);
  });

  it("hold a PNG wherever they hold a drawing, which GitHub shows, and words for who sees neither", () => {
    for (const { name, kind, bundle } of all) {
      if (kind !== "chart" && kind !== "drawing") continue;
      assert.deepEqual([...Buffer.from(String(bundle[PNG]), "base64").subarray(1, 4)], [0x50, 0x4e, 0x47], name);
      assert.doesNotMatch(String(bundle[TEXT]), /shown as text only|no picture/, name);
      assert.ok(String(bundle[TEXT]).length > 30, name);
    }
  });
});
