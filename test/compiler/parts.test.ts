// Long notes are parsed in parts: the tree must be the one that the parser makes of the whole.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Root } from "mdast";
import remarkFrontmatter from "remark-frontmatter";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";
import { parseInParts } from "../../notebooks/compiler/parts.ts";

const markdown = unified().use(remarkParse).use(remarkFrontmatter, ["yaml"]).use(remarkGfm);

/** Compares children: a root's own place says nothing. */
function same(text: string, size: number): void {
  const parse = (part: string): Root => markdown.parse(part);
  assert.deepEqual(plain(parseInParts(text, parse, size).children), plain(markdown.parse(text).children));
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const blocks = [
  "---\na: 1\n---",
  "# One",
  "word *and* [a][r], [r], [R][], ![p][r] and [^1] or [x]",
  "[r]: https://a.b 'c'",
  "[^1]: a note\n\n    and more",
  "- a\n\n  b\n- c",
  "1. a\n\n   ```ts\n   b\n   ```",
  "> q\n> ```\n> r",
  "```ts\nx\n\nnot the end\n```",
  "```\nopen\n\n# no heading",
  "~~~~\nb\n\nc\n~~~\n~~~~",
  "<!-- a\n\nb -->",
  "<pre>\n\nc\n\n</pre>",
  "<!-- open\n\nd",
  "<div>\n\ne\n\n</div>",
  "| a | b |\n|---|---|\n| [r] | d |",
  "    code\n\n    more",
  "Title\n=====",
  "a\r\n\r\nb",
  "***",
  "\\[r\\] `[r]`",
];

describe("a long note, parsed in parts", () => {
  it("has the tree that it has as a whole", () => {
    const gap = fc.constantFrom("\n\n", "\n", "\n\n\n", "\r\n\r\n", "\n \n");
    const note = fc
      .array(fc.tuple(fc.constantFrom(...blocks), gap), { maxLength: 12 })
      .map((list) => list.flat().join(""));
    fc.assert(fc.property(note, fc.constantFrom(1, 20, 60), same), { seed: 11, numRuns: 120 });
  });
});
