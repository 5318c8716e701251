// There and back: a note, its notebook as a file, and the note again.
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Cell, formatNotebook, parseNotebook } from "../../kernel/notebook.ts";
import { noteOf, withChanges } from "../../notebooks/compiler/note.ts";
import { notebookOf } from "../small-notebook.ts";
import { compiled } from "./lessons.ts";

const through = (note: string, change?: (cells: Cell[]) => void): string => {
  const file = formatNotebook(compiled(note).notebook);
  const notebook = parseNotebook(Buffer.from(file), "note.ipynb");
  change?.(notebook.cells);
  return noteOf(notebook).text;
};

/** The dialect's constructs, and Markdown's. */
const constructs = [
  "---\ntags: [a]\n---\n",
  "###### Tags- [[a]], #b",
  "# One",
  "#### **Four** ^id",
  "Under\nlined\n---",
  "text \\(x\\) and $y$ for $5, ==mark== %%gone%% [[link|alias]] ![[picture.png]] #tag[^1]",
  "$$a=b$$ ^name",
  "\\[\nc\n\\]",
  "- a\n  $$d$$ and\n- [ ] b\n\n  ```ts\n  f()\n  ```",
  "```ts\nlet x = 1;\n```",
  '```ts check="a statement" hide=output\nconst y = 2;\ny > 1;\n```',
  '```ts check="$$1" expect=refuted\n```',
  "~~~~ts .noeval\nz\n~~~~",
  "```python\nprint(1)\n```",
  "> [!note]- Fold\n> body\n\n> quote",
  "%%\nhidden\n\n```ts\nno()\n```\n%%",
  "| a | b |\n|---|---|\n| $x|y$ | c |",
  "[^1]: note\n    more",
  "good ðŸ˜Š",
  "<div>\nraw $x$\n</div>",
  "    indented",
  "***",
  "$$ open",
  "\\\\",
];

describe("adjoint note", () => {
  it("gives every note back to the byte", () => {
    const block = fc.constantFrom(...constructs);
    const gap = fc.constantFrom("\n\n", "\n", "\n\n\n", "\r\n\r\n", "\n \n");
    const note = fc.array(fc.tuple(block, gap), { maxLength: 8 }).map((parts) => parts.flat().join(""));
    fc.assert(
      fc.property(note, (text) => assert.equal(through(text), text)),
      { seed: 7, numRuns: 150 },
    );
  });

  it("gives anything back that is text", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "$",
        "$$",
        "\\(",
        "\\)",
        "[[",
        "]]",
        "%%",
        "```",
        "```ts\n",
        "\n",
        "\n\n",
        "> ",
        "- ",
        "==",
        "#",
        "[^",
        "|",
        "^a",
        "  ",
      ),
      fc.string({ unit: "grapheme", maxLength: 5 }),
    );
    const text = fc.array(piece, { maxLength: 30 }).map((parts) => parts.join("").replaceAll("\0", ""));
    fc.assert(
      fc.property(text, (note) => assert.equal(through(note), note)),
      { seed: 8, numRuns: 250 },
    );
  });

  it("gives the whole of a note that begins with front matter or ends without a line end", () => {
    for (const note of [
      "",
      "\n",
      "---\na: 1\n---",
      "---\na: 1\n---\n\n\n# x",
      "%%only%%",
      "```ts\n1\n```",
      "a\n\n```ts\n1\n```",
    ]) {
      assert.equal(through(note), note);
    }
  });

  it("takes changes over, with the note's own headings and flags", () => {
    const note = '#### A\n\ntext\n\n```ts check="s" hide=code\nconst a = 1;\na === 1;\n```\n\nlast\n';
    const changed = through(note, (cells) => {
      const [title, text, code] = cells;
      assert.ok(title && text && code);
      text.source = text.source.replace("text", "other");
      code.source = code.source.replaceAll("1", "2");
    });
    assert.equal(changed, '#### A\n\nother\n\n```ts check="s" hide=code\nconst a = 2;\na === 2\n```\n\nlast\n');
  });

  it("knows what was changed in cells of the companion, and where it belongs", () => {
    const companion =
      "# One\n\nwords\n\n```ts hide=code\n1;\n```\n\nTwo\n---\n\n```ts\n1;\n```\n\n- a\n  ```ts\n  f();\n  ```\n";
    const note = "## One\n\na\n\n## Two\n\nb\n";
    const { notebook } = compiled(note, { companion });
    const read = (change: (cells: Cell[]) => void) => {
      const copy = parseNotebook(Buffer.from(formatNotebook(notebook)), "note.ipynb");
      change(copy.cells);
      const { text, problems, companion: found } = noteOf(copy);
      assert.deepEqual([text, found.file], [note, "note.lesson.md"]);
      return { ...withChanges(companion, found.changes), problems, changes: found.changes };
    };
    const same = read(() => {});
    assert.deepEqual([same.changes, same.text], [[], companion]);
    const changed = read((cells) => {
      for (const cell of cells) cell.source = cell.source.replace("1;", "2;").replace("words", "Words");
      const [cell] = cells.slice(3, 4);
      assert.ok(cell);
      cells.splice(4, 0, {
        cell_type: "code",
        id: "new",
        metadata: {},
        source: "3;",
        execution_count: null,
        outputs: [],
      });
    });
    assert.equal(
      changed.text,
      companion
        .replaceAll("1;", "2;")
        .replace("words", "Words")
        .replace("2;\n```\n\n", "2;\n```\n\n```ts\n3;\n```\n\n"),
    );
    assert.deepEqual([changed.problems, changed.lost], [[], []]);
    const within = read((cells) => cells.forEach((cell) => (cell.source = cell.source.replace(/^f/, "g"))));
    assert.deepEqual(within.problems, [
      "cell 8 was changed, and is made of what stands within a text, note.lesson.md, line 18: change it there",
    ]);
    const { lost } = withChanges("other", changed.changes);
    assert.equal(lost.length, changed.changes.length);
  });

  it("writes new cells, and notebooks of others, as Markdown", () => {
    const { text } = noteOf(
      notebookOf(
        { cell_type: "markdown", source: "# T\n\na" },
        "1 + 1",
        { source: "`x`\n```\n", metadata: { jupyter: { source_hidden: true }, tags: ["raises-exception"] } },
        { cell_type: "raw", source: "r" },
      ),
    );
    assert.equal(
      text,
      "# T\n\na\n\n```ts\n1 + 1\n```\n\n````ts hide=code expect=error\n`x`\n```\n\n````\n\n```text\nr\n```\n",
    );
  });
});
