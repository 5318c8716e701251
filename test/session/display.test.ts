// `display` and its kin in cells: their order, their handles across cells, and what users of the Deno kernel would try.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { type Cell, TestSession } from "../session-harness.ts";

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAAXNSR0IArs4c6QAAAARzQklUCAgICHwIZIgAAAAVSURBVAiZY/zPwPCfAQ0woQtQQRAAzqkCCB/D3o0AAAAASUVORK5CYII=";
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><circle r="1"/></svg>';

/** Each output in a few words: its kind, and the text of its first format. */
function outline({ outputs }: Cell): string[] {
  return outputs.map((output) => {
    if (output.type === "stream") return `${output.name} ${output.text.trimEnd()}`;
    if (output.type === "error") return `${output.ename}: ${output.evalue}`;
    if (!("data" in output)) return output.type;
    const [format] = Object.entries(output.data);
    return `${output.type.replace("_data", "")} ${format === undefined ? "nothing" : format.join(" ")}`;
  });
}

describe("display", () => {
  let session: TestSession;
  before(() => {
    session = new TestSession();
  });
  after(() => session.close());

  const bundles = async (code: string): Promise<Record<string, unknown>[]> => {
    const cell = await session.run(code);
    assert.equal(cell.traceback, "");
    return cell.outputs.map((output) => ("data" in output && "metadata" in output ? output.data : {}));
  };
  const error = async (code: string): Promise<string> => {
    const { errors } = await session.run(code);
    return `${errors[0]?.ename}: ${errors[0]?.evalue}`;
  };

  it("shows content of the format that is named, with a text", async () => {
    writeFileSync(join(session.folder, "dot.png"), Buffer.from(PNG, "base64"));
    const png = { "image/png": PNG, "text/plain": "PNG image, 5 × 5, 107 bytes" };
    for (const [code, bundle] of [
      ['display.text("as it is")', { "text/plain": "as it is" }],
      ['display.html("<b>x</b>")', { "text/html": "<b>x</b>", "text/plain": "<b>x</b>" }],
      [`display.html("<p>".repeat(1000))`, { "text/html": "<p>".repeat(1000), "text/plain": "HTML, 3,000 characters" }],
      ['display.markdown("**x**")', { "text/markdown": "**x**", "text/plain": "**x**" }],
      [`display.svg('${SVG}')`, { "image/svg+xml": SVG, "text/plain": SVG }],
      [`display.svg(Buffer.from('${SVG}'))`, { "image/svg+xml": SVG, "text/plain": SVG }],
      ['display.javascript("1 + 1")', { "application/javascript": "1 + 1", "text/plain": "1 + 1" }],
      [`display.png(Buffer.from("${PNG}", "base64"))`, png],
      [`display.png(new Uint8Array(Buffer.from("${PNG}", "base64")).buffer)`, png],
      [`display.png("${PNG}")`, png],
      [`display.png("data:image/png;base64,${PNG}")`, png],
      ['display.png("./dot.png")', png],
      ['display.png(new URL("dot.png", import.meta.url))', png],
      [
        'display.pdf(Buffer.from("%PDF-1.4"))',
        { "application/pdf": "JVBERi0xLjQ=", "text/plain": "PDF document, 8 bytes" },
      ],
      ['display.bundle({ "text/html": "<i>", "text/plain": "i" })', { "text/html": "<i>", "text/plain": "i" }],
    ] as const) {
      assert.deepEqual(await bundles(code), [bundle], code);
    }
    const [json] = await bundles("display.json({ a: [1, new Date(0)], b: undefined })");
    assert.deepEqual(json?.["application/json"], { a: [1, "1970-01-01T00:00:00.000Z"] });
    const [chart] = await bundles('display.vegaLite({ mark: "bar", data: { values: [] } })');
    assert.ok(chart !== undefined && "application/vnd.vegalite.v5+json" in chart);
    const [table] = await bundles('display.table([{ a: 1, b: 2 }], ["b"])');
    assert.match(String(table?.["text/html"]), /^<table>.*<th[^>]*>b<\/th>/);
  });

  it("takes the size of a picture", async () => {
    const { outputs } = await session.run(`display.png("${PNG}", { width: 50 })`);
    assert.ok(outputs[0]?.type === "display_data");
    assert.deepEqual(outputs[0].metadata, { "image/png": { width: 50 } });
  });

  it("gives formulas the delimiters that JupyterLab renders", async () => {
    for (const [source, shown] of [
      ["x^2", "$$x^2$$"],
      ["$x^2$", "$x^2$"],
      ["$$x$$", "$$x$$"],
      [String.raw`\(x\) and \[y\]`, "$x$ and $$y$$"],
      [String.raw`\begin{align} a &= b \\[1em] c \end{align}`, String.raw`\begin{align} a &= b \\[1em] c \end{align}`],
      [String.raw`A = \begin{pmatrix} 1 \end{pmatrix}`, String.raw`$$A = \begin{pmatrix} 1 \end{pmatrix}$$`],
      [String.raw`5\,\$`, String.raw`$$5\,\$$$`],
    ] as const) {
      const [bundle] = await bundles(`display.latex(${JSON.stringify(source)})`);
      assert.deepEqual(bundle, { "text/latex": shown, "text/plain": source });
    }
  });

  it("says what a format takes when it is given something else", async () => {
    for (const [code, message] of [
      ["display.html(5)", "TypeError: display.html: takes a string, not 5"],
      ["display.markdown()", "TypeError: display.markdown: takes a string, not undefined"],
      ["display.svg('<b>')", "TypeError: display.svg: does not begin with <svg: <b>"],
      ["display.png(5)", "TypeError: display.png: takes a buffer, base64, or the path of a file, not 5"],
      ["display.png(null)", "TypeError: display.png: takes a buffer, base64, or the path of a file, not null"],
      ["display.png('nothing.png')", "TypeError: display.png: neither a file that exists nor base64: nothing.png"],
      ["display.png(new Uint8Array(3))", "TypeError: display.png: no PNG data: the 3 bytes begin otherwise"],
      [`display.jpeg("${PNG}")`, "TypeError: display.jpeg: no JPEG data: this is PNG"],
      ["display.pdf(new Uint8Array(3))", "TypeError: display.pdf: no PDF data: it does not begin with %PDF"],
      ["display.json(undefined)", "TypeError: display.json: JSON has no undefined"],
      [
        "display.json(1n)",
        "TypeError: display.json: the value cannot be written as JSON: Do not know how to serialize a BigInt",
      ],
      [
        "const a: any = {}; a.a = a; display.json(a)",
        "TypeError: display.json: the value cannot be written as JSON: Converting circular structure to JSON",
      ],
      ["display.vegaLite('bar')", "TypeError: display.vegaLite: takes a specification, an object, not bar"],
      ["display.table(5)", "TypeError: display.table: takes an array, a Map or an object, not 5"],
      ["display.bundle('text')", "TypeError: display: a raw bundle must be an object keyed by MIME type, not 'text'"],
      ["display(1, { display_id: 5 })", "TypeError: display: display_id must be a string, not 5"],
    ] as const) {
      assert.equal(await error(code), message);
    }
  });

  it("shows several values one below the other, as IPython does, with options after the last", async () => {
    const shown = async (code: string) =>
      (await session.run(code)).outputs.map((output) => [
        output.type,
        "data" in output && stripVTControlCharacters(String(output.data["text/plain"])),
      ]);
    assert.deepEqual(await shown("display(1, 'two', { x: 3 }, { raw: 4, more: 5 }); 0"), [
      ["display_data", "1"],
      ["display_data", "'two'"],
      ["display_data", "{ x: 3 }"],
      ["display_data", "{ raw: 4, more: 5 }"],
      ["execute_result", "0"],
    ]);
    assert.deepEqual(await shown("display(1, {}); display(2, undefined)"), [
      ["display_data", "1"],
      ["display_data", "2"],
    ]);
    const { outputs } = await session.run(
      'display({ "text/plain": "a" }, { "text/plain": "b" }, { raw: true, display_id: "both" })',
    );
    assert.deepEqual(
      outputs.map((output) => output.type === "display_data" && [output.data, output.transient]),
      ["a", "b"].map((text) => [{ "text/plain": text }, { display_id: "both" }]),
    );
    const late = await session.run(`
      const handle = display(1, new Proxy({}, { ownKeys() { throw new Error("no"); } }), Object.create(null, { raw: { value: 1 } }), 2);
      handle.update(3);
    `);
    assert.equal(late.outputs.at(-1)?.type, "update_display_data");
    assert.equal(late.outputs.length, 5);
  });

  it("updates and clears a display in its place, from any cell and with its own format", async () => {
    const first = await session.run('const shown = display.html("a"); const value = display("b"); shown.id');
    assert.deepEqual(outline(first), [
      "display text/html a",
      "display text/plain 'b'",
      `execute_result text/plain ${String(first.result)}`,
    ]);
    const second = await session.run('shown.update("c"); value.update({ x: 1 }); shown.clear(); shown.update("d")');
    assert.deepEqual(
      outline(second).map((line) => line.replace(/\u001b\[[\d;]*m/g, "")),
      [
        "update_display text/html c",
        "update_display text/plain { x: 1 }",
        "update_display nothing",
        "update_display text/html d",
      ],
    );
    const ids = [...first.outputs, ...second.outputs].flatMap((output) =>
      "transient" in output ? [output.transient.display_id] : [],
    );
    assert.equal(new Set(ids).size, 2);
    assert.equal(ids[2], ids[0]);
    assert.equal(await error("shown.update(5)"), "TypeError: display.html: takes a string, not 5");
  });

  it("updates a display that another cell named", async () => {
    await session.run('display("a", { display_id: "named" })');
    const { outputs } = await session.run('display("b", { display_id: "named", update: true }); display.html("x")');
    assert.deepEqual(
      outputs.map((output) => [output.type, "transient" in output && output.transient.display_id === "named"]),
      [
        ["update_display_data", true],
        ["display_data", false],
      ],
    );
  });

  const slow = (name: string) =>
    `({ async [Symbol.for("Jupyter.display")]() { await new Promise((done) => setTimeout(done, 10)); return { "text/html": "${name}" }; } })`;

  it("shows what takes time before the cell ends, and first what was displayed first", async () => {
    const cell = await session.run(
      `const late = display(${slow("one")}); late.update("two"); late.clear(); console.log("meanwhile"); "end"`,
    );
    assert.deepEqual(outline(cell), [
      "stdout meanwhile",
      "display text/html one",
      "update_display text/plain 'two'",
      "update_display nothing",
      "execute_result text/plain 'end'",
    ]);
  });

  it("can be awaited, as in Deno, and gives the handle", async () => {
    const cell = await session.run(`
      const awaited = await display(${slow("slow")}); console.log("after"); const at = await display(1);
      awaited.update(typeof at.update);
    `);
    assert.deepEqual(outline(cell), [
      "display text/html slow",
      "stdout after",
      "display text/plain 1",
      "update_display text/plain 'function'",
    ]);
  });

  it("shows what takes time also when the cell fails", async () => {
    const cell = await session.run(`display(${slow("shown")}); throw new Error("then");`);
    assert.deepEqual(outline(cell), ["display text/html shown", "Error: then"]);
  });

  it("can be interrupted while a value takes for ever to show itself", async () => {
    const { cell, done } = session.start(
      'console.log("waiting"); const kept = 5; display({ [Symbol.for("Jupyter.display")]: () => new Promise(() => {}) });',
    );
    await cell.until(({ outputs }) => outputs.length > 0);
    await session.session.interrupt();
    assert.equal((await done).reply?.status, "error");
    assert.equal((await session.run("kept")).result, "5");
  });

  it("shows results of every kind, and nothing for undefined", async () => {
    for (const [code, formats] of [
      ["undefined", undefined],
      ["null", ["text/plain"]],
      ["[{ a: 1 }]", ["text/html", "text/plain"]],
      [`Buffer.from("${PNG}", "base64")`, ["image/png", "text/plain"]],
      ['new URL("https://example.org")', ["text/html", "text/plain"]],
      ["class Shown {}; Shown", ["text/plain"]],
    ] as const) {
      const { bundle } = await session.run(code);
      assert.deepEqual(bundle && Object.keys(bundle), formats, code);
    }
  });

  it("shows an error that is a value with its place in the cell, and does not fail", async () => {
    const cell = await session.run('const value = new RangeError("kept");\nvalue');
    assert.equal(cell.reply?.status, "ok");
    assert.match(String(cell.result), /^RangeError: kept\n +at Cell \[\d+\], line 1, column 15$/);
  });

  it("colours results, unless the cell asks for none", async () => {
    const coloured = (await session.run("[1]")).bundle;
    assert.equal(coloured?.["text/plain"], "[ \u001b[38;2;177;104;0m1\u001b[39m ]");
    const plain = (await session.run('process.env.NO_COLOR = "1"; [1]')).bundle;
    assert.equal(plain?.["text/plain"], "[ 1 ]");
    await session.run("delete process.env.NO_COLOR");
  });

  it("shows what a timer displays below the cell that set it, after its end", async () => {
    const first = await session.run(`setTimeout(() => { display("late"); display(${slow("later")}); }, 20);`);
    assert.equal(first.result, "[Timeout]");
    const second = await session.run("2");
    await first.until(({ outputs }) => outputs.length === 3);
    assert.deepEqual(outline(first).slice(1), ["display text/plain 'late'", "display text/html later"]);
    assert.deepEqual(outline(second), ["execute_result text/plain 2"]);
  });

  it("clears with and without waiting", async () => {
    const { outputs } = await session.run(
      'console.log("gone"); clearOutput(); clearOutput({ wait: true }); Jupyter.clearOutput()',
    );
    assert.deepEqual(outputs.slice(1), [
      { type: "clear_output", wait: false },
      { type: "clear_output", wait: true },
      { type: "clear_output", wait: false },
    ]);
  });
});

describe("console.table", () => {
  let session: TestSession;
  before(() => {
    session = new TestSession();
  });
  after(() => session.close());

  it("shows a table in order with the rest of the output", async () => {
    const cell = await session.run(
      'console.log("before"); console.table([{ a: 1, b: 2 }], ["b"]); console.log("after");',
    );
    const [before, table, after] = cell.outputs;
    assert.ok(before?.type === "stream" && table?.type === "display_data" && after?.type === "stream");
    assert.match(String(table.data["text/html"]), /<th[^>]*>b<\/th><\/tr><\/thead>/);
    assert.match(String(table.data["text/plain"]), /│ \(index\) │ b │\n/);
    assert.equal(cell.text(), "before\nafter\n");
  });

  it("prints what is no table, and throws for columns that are none", async () => {
    assert.deepEqual(outline(await session.run('console.table("text"); console.table(null)')), [
      "stdout text",
      "stdout null",
    ]);
    assert.match((await session.run('console.table([], "a" as any)')).traceback, /"properties" argument must be/);
  });
});

describe("Jupyter, for users of Deno", () => {
  let session: TestSession;
  before(() => {
    session = new TestSession();
  });
  after(() => session.close());

  it("has template tags that make something to show", async () => {
    const cell = await session.run(`
      const { html, md, svg } = Jupyter;
      display(html\`<b>\${1}\${undefined}</b>\`); await Jupyter.display(md\`*\${"x"}*\`); svg\`<svg \${null}/>\`
    `);
    assert.deepEqual(outline(cell), [
      "display text/html <b>1</b>",
      "display text/markdown *x*",
      "execute_result image/svg+xml <svg />",
    ]);
    const misused = await session.run('Jupyter.html("<b>")');
    assert.match(misused.traceback, /^TypeError: Jupyter.html: a template tag/);
  });

  it("has image, format and $display", async () => {
    const image = await session.run(`Jupyter.image(Buffer.from("${PNG}", "base64"))`);
    assert.equal(image.bundle?.["image/png"], PNG);
    assert.match((await session.run('Jupyter.image("nothing")')).traceback, /^TypeError: display.image: neither/);
    const format = await session.run(
      'const { [`text/plain`]: text } = await Jupyter.format("x"); text === "\'x\'" && Jupyter.$display === Symbol.for("Jupyter.display")',
    );
    assert.equal(format.result, "true");
  });

  it("broadcasts the messages that cells may send, and refuses all others", async () => {
    const cell = await session.run(`
      await Jupyter.broadcast("display_data", { data: { "text/html": "x" }, metadata: {}, transient: { display_id: "b" } });
      await Jupyter.broadcast("update_display_data", { data: { "text/html": "y" }, transient: { display_id: "b" } });
      await Jupyter.broadcast("stream", { name: "stderr", text: "z" });
      await Jupyter.broadcast("clear_output", { wait: true });
      await Jupyter.broadcast("comm_open", { comm_id: "c", target_name: "t", data: { a: 1 } }, { buffers: [new Uint8Array([1])] });
    `);
    assert.deepEqual(outline(cell), [
      "display text/html x",
      "update_display text/html y",
      "stderr z",
      "clear_output",
      "comm_open",
    ]);
    for (const call of ['("status", {})', '("display_data", { data: "x" })', '("comm_msg", {})', "()"]) {
      const { errors } = await session.run(`await Jupyter.broadcast${call}`);
      assert.equal(errors[0]?.ename, "TypeError", call);
    }
  });

  it("is what a cell that asks for Deno is told of", async () => {
    assert.match(
      (await session.run("Deno.jupyter.display(1)")).traceback,
      /^ReferenceError: Deno is not defined: .* the global Jupyter/,
    );
    assert.equal((await session.run("typeof Deno")).result, "'undefined'");
  });
});
