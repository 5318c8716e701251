// The library where there is no Node: in a browser, and in Deno if that is installed. The same seed gives the same numbers everywhere.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { chromium as engine } from "playwright-core";
import { data, gradients, mseLoss, nn, optim, seed, tape } from "../../lib/index.ts";
import { chromium } from "../chromium.ts";
import { bundleOf } from "./display/expected.ts";

/** As users get it. */
const LIBRARY = fileURLToPath(new URL("../../bundle/adjoint.mjs", import.meta.url));
const DENO = fileURLToPath(new URL("../../../bench/peers/node_modules/.bin/deno", import.meta.url));

/** Trains a network on exclusive or, and shows it. */
const TRAIN = `
  const { data, gradients, mseLoss, nn, optim, seed, tape } = lib;
  seed(42);
  const [x, y] = data.xor().tensors;
  const model = nn.sequential(nn.linear(2, 64), nn.sigmoid(), nn.linear(64, 1), nn.sigmoid());
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.1 });
  const losses = [];
  for (let step = 0; step < 200; step++) {
    optimizer.zeroGrad();
    const loss = mseLoss(model.forward(x), y);
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  const shown = [x, model, gradients(model), data.digits(), tape(mseLoss(model.forward(x), y), model)].map((value) =>
    value[Symbol.for("Jupyter.display")](),
  );
  const result = { losses, shown };
`;

/** The same here. */
function expected(): { losses: number[]; shown: unknown[] } {
  seed(42);
  const [x, y] = data.xor().tensors;
  const model = nn.sequential(nn.linear(2, 64), nn.sigmoid(), nn.linear(64, 1), nn.sigmoid());
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.1 });
  const losses = Array.from({ length: 200 }, () => {
    optimizer.zeroGrad();
    const loss = mseLoss(model.forward(x), y);
    loss.backward();
    optimizer.step();
    return loss.item();
  });
  const values = [x, model, gradients(model), data.digits(), tape(mseLoss(model.forward(x), y), model)];
  return { losses, shown: values.map(bundleOf) };
}

describe("the library outside of Node", () => {
  it("trains, and shows itself, in a browser", async function () {
    const executablePath = chromium(this);
    const server = createServer((request, response) => {
      if (request.url !== "/adjoint.mjs") {
        response.setHeader("content-type", "text/html").end("<!doctype html><title>adjoint</title>");
        return;
      }
      readFile(LIBRARY).then(
        (text) => response.setHeader("content-type", "text/javascript").end(text),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const browser = await engine.launch({ executablePath, args: ["--no-sandbox"] });
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const found: unknown = await page.evaluate(`import("/adjoint.mjs").then((lib) => { ${TRAIN} return result; })`);
      assert.deepEqual(found, expected());
    } finally {
      await browser.close();
      server.close();
    }
  });

  it("trains, and shows itself, in Deno", function () {
    if (!existsSync(DENO)) this.skip(); // `npm run bench` and .ci/run install it
    const program = `import * as lib from ${JSON.stringify(LIBRARY)};${TRAIN} console.log(JSON.stringify(result));`;
    const { stdout, stderr } = spawnSync(DENO, ["run", "--no-config", "--ext=js", "-"], {
      input: program,
      encoding: "utf8",
    });
    assert.notEqual(stdout, "", stderr);
    assert.deepEqual(JSON.parse(stdout), expected());
  });
});
