// What every display relies on: text that cannot become markup, numbers, and failures that leave text.
import assert from "node:assert/strict";
import {
  bundle, bytes, CHARACTERS, clip, escapeAttribute, escapeHtml, escapeLatex, escapeMarkdown, number,
} from "../../../lib/display/bundle.ts"; // prettier-ignore
import { tableHtml, tableText } from "../../../lib/display/table.ts";

const EVIL = `<img src=x onerror="alert('1')">&amp;$x$ \\(y\\) | [a](b) \`c\` *d* _e_`;

describe("text of users in a display", () => {
  it("has no markup in HTML, and is no formula", () => {
    const html = escapeHtml(EVIL);
    assert.doesNotMatch(html.replaceAll(/<\/?span>/g, ""), /[<>"']/);
    assert.match(html, /<span>\$<\/span>x<span>\$<\/span> <span>\\<\/span>\(y/);
    assert.doesNotMatch(escapeAttribute(EVIL), /[<>"']/);
  });

  it("has no markup, no HTML and no formula in Markdown", () => {
    const text = escapeMarkdown(EVIL);
    assert.doesNotMatch(text.replaceAll(/&#\d+;/g, ""), /[<>"'$\\|`*_[\]()&]/);
    assert.equal(
      text.replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code))),
      EVIL,
    );
  });

  it("has no commands of its own in LaTeX", () => {
    assert.equal(escapeLatex("a_1$}{\\x"), "\\mathrm{a\\_1＄\\}\\{\\backslash{}x}");
  });

  it("is one line of bounded length without control characters", () => {
    assert.equal(clip("a\n\u001b[31mb\u202ec"), "a [31mb c");
    assert.equal(clip("😀".repeat(100), 10), `${"😀".repeat(9)}…`);
  });
});

describe("number", () => {
  for (const [x, text] of [
    [0, "0"],
    [-0, "-0"],
    [3, "3"],
    [-12345, "-12345"],
    [0.5, "0.5"],
    [1 / 3, "0.3333"],
    [1e-4, "0.0001"],
    [1.234567e-7, "1.235e-7"],
    [1e-7, "1e-7"],
    [123456.78, "123500"],
    [5e12, "5e12"],
    [NaN, "nan"],
    [-Infinity, "-inf"],
  ] as const) {
    // prettier-ignore
    it(`writes ${x} as ${text}`, () => assert.equal(number(x), text));
  }
});

describe("bytes", () => {
  it("takes the unit that suits", () => {
    assert.deepEqual([0, 999, 1500, 12_345_678].map(bytes), ["0 B", "999 B", "1.50 kB", "12.3 MB"]);
  });
});

describe("bundle", () => {
  it("becomes text with one line of reason when drawing fails", () => {
    const fails = (): never => {
      throw new Error("no\nway");
    };
    assert.deepEqual(
      bundle(() => "text", fails),
      { "text/plain": "text\n[shown as text only: no way]" },
    );
    assert.deepEqual(
      bundle(fails, () => ({})),
      { "text/plain": "[not shown: no way]" },
    );
  });

  it("becomes text when it would be too large", () => {
    const shown = bundle(
      () => "text",
      () => ({ "text/html": "x".repeat(CHARACTERS) }),
    );
    assert.deepEqual(Object.keys(shown), ["text/plain"]);
    assert.match(String(shown["text/plain"]), /200,004 characters are too many/);
  });
});

describe("a table of the library", () => {
  const table = {
    caption: "Weights <b>",
    columns: [
      { title: "name", heads: true },
      { title: "norm", side: "right" as const },
    ],
    rows: [
      ["<i>", { text: "12", background: "rgba(0, 0, 255, 0.2)" }],
      ["b", "3.5"],
    ],
    notes: ["a note"],
  };

  it("has a caption, header scopes, sides and backgrounds in HTML", () => {
    assert.equal(
      tableHtml(table),
      '<table><caption style="text-align: left">Weights &lt;b&gt;</caption><thead><tr><th scope="col" style="text-align: left">name</th><th scope="col" style="text-align: right">norm</th></tr></thead><tbody>\n<tr><th scope="row" style="text-align: left">&lt;i&gt;</th><td style="text-align: right; background-color: rgba(0, 0, 255, 0.2)">12</td></tr>\n<tr><th scope="row" style="text-align: left">b</th><td style="text-align: right">3.5</td></tr>\n</tbody></table><p>a note</p>',
    );
  });

  it("has aligned columns as text", () => {
    assert.equal(tableText(table), "Weights <b>\nname  norm\n<i>     12\nb      3.5\na note");
  });
});
