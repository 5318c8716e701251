import assert from "node:assert/strict";
import fc from "fast-check";
import { applyEdits } from "../../kernel/position-map.ts";
import { CellView, type Place } from "../../kernel/language/view.ts";

/** Lines and columns as the protocol counts them, by the simplest means. */
function place(text: string, offset: number): Place {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

const cells = fc.string({
  unit: fc.constantFrom("a", "😀", "é", "\t", "\n", "\r\n", "\u2028", " ", "{", "`", "//", "// @ts-nocheck\n"),
  maxLength: 30,
});
const headers = fc.constantFrom("", 'import { a } from "./cell-1.ts"; ', "declare let 😀: 1; \n");
const footers = fc.constantFrom("", "export { a };");

describe("a cell as the checker reads it", () => {
  it("leads every place of the cell to the checker and back", () => {
    fc.assert(
      fc.property(cells, headers, footers, (source, header, footer) => {
        const view = new CellView(source, { header, footer });
        const start = view.text.indexOf(
          source,
          view.text.length - source.length - (footer === "" ? 0 : footer.length + 2),
        );
        for (let offset = 0; offset <= source.length; offset++) {
          // Between the two units of a line end there is no place.
          if (source.startsWith("\r\n", offset - 1)) continue;
          assert.deepEqual(view.place(offset), place(view.text, start + offset));
          if (offset < source.length || footer === "") assert.equal(view.offset(view.place(offset)), offset);
        }
        if (start > 0) assert.equal(view.offset({ line: 0, character: 0 }), null);
      }),
      { seed: 5, numRuns: 1000 },
    );
  });

  it("keeps what stands beside pieces that are replaced", () => {
    fc.assert(
      fc.property(
        cells,
        cells,
        cells,
        fc.constantFrom("", "const x = 1;", "/* 😀 */"),
        (before, piece, after, text) => {
          const source = before + piece + after;
          const body = applyEdits(source, [
            { start: before.length, end: before.length + piece.length, text, anchor: before.length },
          ]);
          const view = new CellView(source, { header: "import 1; ", body });
          const start = view.text.length - after.length - text.length - before.length;
          assert.ok(view.text.endsWith(before + text + after));
          for (const [offset, moved] of [
            [0, 0],
            [source.length, text.length - piece.length],
          ] as const)
            if (after !== "" && before !== "")
              assert.deepEqual(view.place(offset), place(view.text, start + offset + moved));
        },
      ),
      { seed: 6, numRuns: 500 },
    );
  });

  it("leads with the comments that count only at the top of a file", () => {
    const { text } = new CellView("/* licence */\n// @ts-nocheck\n/** @jsx h */\nconst a = 1 // @ts-check", {
      header: "import 1; ",
    });
    assert.ok(text.startsWith("// @ts-nocheck\n/** @jsx h */\nimport 1; \n"));
  });
});
