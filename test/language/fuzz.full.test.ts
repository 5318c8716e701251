// Ten thousand edits of real cells, as somebody might type them, through every question that a front end asks while they are typed.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { isComplete } from "../../kernel/cell.ts";
import { random } from "../observed-kernel.ts";
import { Notebook } from "./notebook.ts";

const EDITS = Number(process.env["FUZZ_EDITS"] ?? 10_000);
const LONGEST = 2000;
const pieces = ["(", ")", "{", "}", "[", "]", "`", "${", "'", '"', "/", "/*", "*/", "//", ".", "?.", "=>", "<", ">", ";", "\n", "\r\n", "\t", "😀", "𝛼", "\u2028", "await ", "import ", "from ", "const ", "class ", "@", "#", "!", "%", "%time ", "type ", "declare ", "\0", "\\", "...", "as ", "<div>", "</", "let x = "]; // prettier-ignore

/** The cells of the notebooks that come with the kernel, and pieces of its own sources. */
function cells(): string[] {
  const found: string[] = [];
  for (const name of readdirSync("notebooks")) {
    if (!name.endsWith(".ipynb")) continue;
    const { cells } = JSON.parse(readFileSync(`notebooks/${name}`, "utf8")) as {
      cells: { cell_type: string; source: string | string[] }[];
    };
    for (const { cell_type, source } of cells) if (cell_type === "code") found.push([source].flat().join(""));
  }
  for (const path of ["kernel/iopub.ts", "kernel/cell/lines.ts", "test/cell.test.ts"]) {
    const text = readFileSync(path, "utf8").replace(/^import .*$/gm, "");
    found.push(...text.split(/\n\n(?=\S)/).filter((part) => part.length < 2000));
  }
  return found;
}

describe("questions about cells while they are typed", function () {
  this.timeout(600_000);

  it(`are answered, whatever ${EDITS} random edits make of them`, async () => {
    const notebook = new Notebook();
    const corpus = cells();
    const next = random(Number(process.env["FAULT_SEED"] ?? 1));
    const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
    for (const source of corpus.slice(0, 20)) await notebook.cell(source);
    let text = "";
    let slowest = { milliseconds: 0, what: "" };
    const timed = async (what: string, question: () => unknown): Promise<void> => {
      const start = performance.now();
      await question();
      const milliseconds = performance.now() - start;
      if (milliseconds > slowest.milliseconds)
        slowest = { milliseconds, what: `${what} ${JSON.stringify(text).slice(0, 200)}` };
    };
    for (let edit = 0; edit < EDITS; edit++) {
      if (edit % 25 === 0) text = pick(corpus);
      const at = Math.floor(next() * (text.length + 1));
      const kind = next();
      if (kind < 0.4) text = text.slice(0, at) + pick(pieces) + text.slice(at);
      else if (kind < 0.7) text = text.slice(0, at) + text.slice(at + 1 + Math.floor(next() * 20));
      else if (kind < 0.85) text = text.slice(0, at);
      else text = text.slice(0, at) + pick(corpus).slice(0, 30) + text.slice(at);
      const cursor = Math.floor(next() * (text.length + 1));
      await timed("complete", () => notebook.language.complete(text, cursor));
      await timed("inspect", () => notebook.language.inspect(text, cursor, edit % 2 === 0 ? 0 : 1));
      if (edit % 5 === 0) await timed("isComplete", () => isComplete(text));
      if (edit % 20 === 0) await timed("check", () => notebook.cell(text));
    }
    console.log(`      slowest: ${slowest.milliseconds.toFixed(0)} ms, ${slowest.what}`);
    assert.ok(slowest.milliseconds < LONGEST, slowest.what);
    // TypeScript 7.0.2 has inputs on which it never ends or panics, and is started again; nothing else is to be said of it.
    assert.deepEqual(
      notebook.log.filter((line) => !line.endsWith("it is started again")),
      [],
    );
    console.log(`      ${notebook.log.length} times the language server hung or failed`);
    await notebook.close();
  });
});
