// Tables: which values are some, what they say, and that they stay safe and small.
import assert from "node:assert/strict";
import { consoleTableBundle } from "../../kernel/display/console-table.ts";
import { bundleOf } from "../../kernel/display/mime.ts";
import { mapTable, recordsTable, RESULT_ROWS, tableHtml, TABLE_ROWS } from "../../kernel/display/table.ts";

/** The texts of a table's cells, row by row; `|` after a head. */
function cells(html: string): string[] {
  return html
    .split("<tr>")
    .slice(1)
    .map((row) =>
      [...row.matchAll(/<(t[hd])[^>]*>([^]*?)<\/\1>/g)]
        .map(([, tag, text]) => (tag === "th" ? `${text}|` : text))
        .join(" "),
    );
}

function recordCells(value: unknown[]): string[] {
  const table = recordsTable(value, RESULT_ROWS);
  assert.ok(table !== null);
  return cells(tableHtml(table));
}

describe("tables of records", () => {
  it("have a row for each record and a column for each property, in the order of their first occurrence", () => {
    assert.deepEqual(recordCells([{ a: 1, b: "x" }, { b: null, c: true }, {}]), [
      " a| b| c|",
      "0| 1 x ",
      "1|  null true",
      "2|   ",
    ]);
  });

  it("escape everything", () => {
    const html = tableHtml(recordsTable([{ "<script>": "<img src=x onerror=alert(1)> & \"'" }], 10) ?? assert.fail());
    assert.ok(html.includes("&lt;script&gt;") && html.includes("&lt;img src=x onerror=alert(1)&gt; &amp; &quot;&#39;"));
    assert.ok(!/<(script|img)/.test(html));
  });

  it("put the numbers to the right, column by column, and all else to the left", () => {
    const html = tableHtml(
      recordsTable(
        [
          { n: 1, t: "a", m: 1, big: 1n },
          { n: null, t: "b", m: "x", big: 2n },
        ],
        10,
      ) ?? assert.fail(),
    );
    const sides = [...html.matchAll(/<td style="text-align: (\w+)"/g)].map(([, side]) => side);
    assert.deepEqual(sides, ["right", "left", "left", "right", "right", "left", "left", "right"]);
  });

  it("say how much of how much they show", () => {
    const record = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`c${index}`, index]));
    const table = recordsTable(Array<object>(12_345).fill(record), RESULT_ROWS) ?? assert.fail();
    assert.match(tableHtml(table), /<caption[^>]*>100 of 12,345 rows, 20 of 40 columns<\/caption>/);
    assert.ok(!tableHtml(recordsTable([{ a: 1 }], 10) ?? assert.fail()).includes("<caption>"));
    const narrow = recordsTable(Array<object>(101).fill({ a: 1 }), RESULT_ROWS) ?? assert.fail();
    assert.match(tableHtml(narrow), /<caption[^>]*>100 of 101 rows, 1 column<\/caption>/);
  });

  it("stay small when their cells are long", () => {
    const rows = Array.from({ length: TABLE_ROWS }, () =>
      Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`c${i}`, "<".repeat(10_000)])),
    );
    const html = tableHtml(recordsTable(rows, TABLE_ROWS) ?? assert.fail());
    assert.ok(html.length < 550_000);
    assert.match(html, /<caption[^>]*>\d+ of 1,000 rows, 20 columns<\/caption>/);
  });

  it("show nested values as short text, and run no getter", () => {
    const [, row] = recordCells([
      {
        flat: 1,
        also: 2,
        nested: { a: [1, 2] },
        get bomb() {
          throw new Error("a getter has run");
        },
      },
    ]);
    assert.equal(row, "0| 1 2 { a: [ 1, 2 ] } [Getter]");
  });

  it("are not made of anything but records", () => {
    class Point {
      x = 1;
    }
    for (const value of [
      [],
      [{}],
      [1, 2],
      [{ a: 1 }, null],
      [{ a: 1 }, [1]],
      [new Date()],
      [new Map([[1, 2]])],
      [new Point()],
      [new Proxy({ a: 1 }, {})],
      [() => {}],
      ["text"],
      Object.assign([], { 1: { a: 2 } }),
      [{ a: 1, [Symbol("kind")]: 1 }],
      [{ weights: [[1, 2]], biases: [1] }],
    ]) {
      assert.equal(recordsTable(value, 10), null);
    }
  });

  it("are made of records without a prototype, too", () => {
    assert.deepEqual(recordCells([Object.assign(Object.create(null) as object, { a: 1 })]), [" a|", "0| 1"]);
  });

  it("come with the value as text", async () => {
    const { data } = await bundleOf([{ a: 1 }]);
    assert.deepEqual(Object.keys(data), ["text/html", "text/plain"]);
    assert.match(String(data["text/plain"]), /^\[ \{ a: /);
  });
});

describe("tables of Maps", () => {
  it("have keys and values, or the properties of records", () => {
    const html = (map: Map<unknown, unknown>) => cells(tableHtml(mapTable(map, 10) ?? assert.fail()));
    assert.deepEqual(
      html(
        new Map<unknown, unknown>([
          ["a", 1],
          [{ b: 1 }, [2]],
        ]),
      ),
      ["key| value|", "a| 1", "{ b: 1 }| [ 2 ]"],
    );
    assert.deepEqual(
      html(
        new Map([
          ["a", { x: 1 }],
          ["b", { x: 2 }],
        ]),
      ),
      ["key| x|", "a| 1", "b| 2"],
    );
    assert.equal(mapTable(new Map(), 10), null);
  });

  it("read a million entries no further than they show", async () => {
    const map = new Map(Array.from({ length: 1_000_000 }, (_, index) => [index, index]));
    const { data } = await bundleOf(map);
    assert.match(String(data["text/html"]), /<caption[^>]*>100 of 1,000,000 rows, 1 column<\/caption>/);
  });
});

describe("consoleTableBundle", () => {
  const table = (data: unknown, columns?: string[]): string[] => {
    const shown = consoleTableBundle(data, columns) ?? assert.fail();
    return cells(String(shown.data["text/html"]));
  };

  it("has the rows and columns of Node's own table, and its text", () => {
    assert.deepEqual(
      table([
        { a: 1, b: "Y" },
        { a: "Z", c: 2 },
      ]),
      ["(index)| a| b| c|", "0| 1 Y ", "1| Z  2"],
    );
    assert.deepEqual(table([["x", 1], ["y"]]), ["(index)| 0| 1|", "0| x 1", "1| y "]);
    assert.deepEqual(table([1, { a: 2 }]), ["(index)| a| Values|", "0|  1", "1| 2 "]);
    assert.deepEqual(table({ first: { a: 1 }, second: 2 }), ["(index)| a| Values|", "first| 1 ", "second|  2"]);
    assert.deepEqual(table(new Map([["k", { a: 1 }]])), ["(iteration index)| Key| Values|", "0| k| { a: 1 }"]);
    assert.deepEqual(table(new Set(["x"])), ["(iteration index)| Values|", "0| x"]);
    assert.deepEqual(table(new Uint8Array([7])), ["(index)| Values|", "0| 7"]);
    const { data } = consoleTableBundle([{ a: 1 }]) ?? assert.fail();
    assert.equal(
      data["text/plain"],
      "┌─────────┬───┐\n│ (index) │ a │\n├─────────┼───┤\n│ 0       │ 1 │\n└─────────┴───┘",
    );
  });

  it("shows the given columns, also those that no row has", () => {
    assert.deepEqual(table([{ a: 1, b: 2 }], ["b", "z"]), ["(index)| b| z|", "0| 2 "]);
    assert.throws(() => consoleTableBundle([1], "a" as unknown as string[]), { code: "ERR_INVALID_ARG_TYPE" });
  });

  it("leaves what is no table to console.log", () => {
    for (const data of [5, "text", null, undefined, () => {}, Symbol("s")])
      assert.equal(consoleTableBundle(data), null);
  });

  it("bounds both the table and the text", () => {
    for (const data of [
      Array<object>(20_000).fill({ a: 1 }),
      new Map(Array.from({ length: 20_000 }, (_, index) => [index, 1])),
      new Set(Array.from({ length: 20_000 }, (_, index) => index)),
      Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, 1])),
      new Float64Array(20_000),
    ]) {
      const shown = consoleTableBundle(data) ?? assert.fail();
      assert.match(String(shown.data["text/html"]), /<caption[^>]*>1,000 of 20,000 rows, 1 column<\/caption>/);
      assert.match(String(shown.data["text/plain"]), /\n… 19,000 more rows$/);
    }
  });
});
