// The library in Deno's own Jupyter kernel, which asks each result for its bundle by `Symbol.for("Jupyter.display")`: what readers get there is
// what they get here. Deno draws no pictures of charts and graphs for those who draw nothing themselves; nothing else is missing.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as library from "../../lib/index.ts";
import { DISPLAY } from "../../lib/display/bundle.ts";
import { Client, type Message } from "../client.ts";

/** As users get it. */
const LIBRARY = fileURLToPath(new URL("../../bundle/adjoint.mjs", import.meta.url));
const PEERS = fileURLToPath(new URL("../../../bench/peers/node_modules/@deno/", import.meta.url));

type Library = typeof library;

/** Deno's executable, if `npm run bench` or .ci/run has installed it: the wrapper in Node would take the signals. */
function findDeno(): string | undefined {
  if (!existsSync(PEERS)) return undefined;
  return readdirSync(PEERS)
    .map((platform) => join(PEERS, platform, process.platform === "win32" ? "deno.exe" : "deno"))
    .find((path) => existsSync(path));
}

// What follows runs here, and as text in Deno, so it knows nothing but its arguments.

const prepare = (lib: Library) => {
  lib.seed(7);
  const [x, y] = lib.data.moons(60).tensors;
  const model = lib.nn.sequential(lib.nn.linear(2, 4), lib.nn.sigmoid(), lib.nn.linear(4, 2));
  const optimizer = new lib.optim.Adam(model.parameters(), { lr: 0.05 });
  const loss = lib.crossEntropy(model.forward(x), y);
  loss.backward({ retainGraph: true });
  return { x: x.named("x"), y, model, optimizer, loss };
};

type Made = ReturnType<typeof prepare>;

const SHOWN: Record<string, (lib: Library, made: Made) => object> = {
  scalar: (lib) => lib.tensor(3),
  tensor: (_, { x }) => x,
  cube: (lib) => lib.rand([2, 3, 2]),
  latex: (_, { x }) => x.latex(),
  image: (lib) => lib.rand([8, 8]).image(),
  model: (_, { model }) => model,
  optimizer: (_, { optimizer }) => optimizer,
  dataset: (lib) => lib.data.digits(),
  loader: (lib) => new lib.data.DataLoader(lib.data.moons(30), { batchSize: 10 }),
  gradients: (lib, { model }) => lib.gradients(model),
  compareGradients: (lib) => {
    const w = lib.tensor([1, 2, 3], { requiresGrad: true });
    w.square().sum().backward();
    return lib.compareGradients({ backward: { w }, byHand: { w: w.detach().mul(2) } });
  },
  tape: (lib, { loss, model }) => lib.tape(loss, model),
  graph: (lib, { loss, model }) => lib.graph(loss, model),
  lossCurve: (lib) => lib.lossCurve({ train: [3, 2, 1], valid: [3, 2.5, 2] }, { log: true }),
  histogram: (lib, { model }) => lib.histogram(model),
  decisionBoundary: (lib, { model, x, y }) => lib.decisionBoundary(model, x, y),
  confusionMatrix: (lib, { model, x, y }) => lib.confusionMatrix(model.forward(x), y),
  functionFit: (lib) => lib.functionFit((t) => t.square(), lib.linspace(0, 1, 5), lib.linspace(0, 1, 5)),
  vegaLite: (lib) => lib.vegaLite({ mark: "point" }, { data: { a: lib.linspace(0, 1, 20) } }),
};

const train = (lib: Library) => {
  const curve = lib.lossCurve([], { live: true });
  for (const step of lib.progress(lib.range(50), {}, { title: "fit" })) curve.push(1 / (step + 1));
};

describe("The library in Deno's kernel", () => {
  let client: Client;
  let folder: string;

  before(async function () {
    const deno = findDeno();
    if (deno === undefined) this.skip();
    folder = mkdtempSync(join(tmpdir(), "adjoint-deno-"));
    client = await Client.start({
      argv: [deno, "jupyter", "--kernel", "--conn", "{connection_file}"],
      env: { DENO_NO_UPDATE_CHECK: "1", DENO_DIR: folder },
    });
    const started = await client.execute(
      `import * as lib from ${JSON.stringify(LIBRARY)}; const made = (${String(prepare)})(lib); "ready"`,
    );
    assert.equal(started.reply.content.status, "ok", started.reply.content.evalue);
  });

  after(async () => {
    await client?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it("shows each result by the bundle that it is shown by here", async () => {
    const made = prepare(library);
    for (const [name, show] of Object.entries(SHOWN)) {
      const value = show(library, made);
      const method = Reflect.get(value, DISPLAY) as () => unknown;
      const expected: unknown = JSON.parse(JSON.stringify(await Reflect.apply(method, value, [])));
      // Deno may announce that it is idle before it sends the result.
      const cell = client.submit(`(${String(show)})(lib, made)`);
      const told = await cell.until(({ header }) => /^(execute_result|error)$/.test(header.msg_type), name);
      assert.deepEqual(told.content["data"], expected, `${name}: ${String(told.content["evalue"])}`);
      await cell.done;
    }
  });

  it("shows progress and a live chart in their places, and their last state when nobody tells that the cell has ended", async () => {
    const cell = client.submit(`(${String(train)})(lib)`);
    const text = ({ content }: Message): string => String((content["data"] as Record<string, unknown>)?.["text/plain"]);
    const id = ({ content }: Message): unknown => (content["transient"] as Record<string, unknown>)["display_id"];
    const is = (type: string, pattern: RegExp) => (message: Message) =>
      message.header.msg_type === type && pattern.test(text(message));
    const bar = await cell.until(is("display_data", /^fit .* 0 of 50/), "the bar");
    const chart = await cell.until(is("display_data", /1 → 1 \(1 point\)/), "the chart");
    const done = await cell.until(is("update_display_data", /^fit .*█▏ 50 of 50/), "the whole bar");
    const last = await cell.until(is("update_display_data", /1 → 0\.02 \(50 points\)/), "the whole chart");
    assert.equal(id(done), id(bar));
    assert.equal(id(last), id(chart));
    assert.notEqual(id(bar), id(chart));
    await cell.done;
  });
});
