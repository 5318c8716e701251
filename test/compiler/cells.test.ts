// Fences and companions: which code becomes a cell, with which flags, and where.
import assert from "node:assert/strict";
import { fenceFlags } from "../../notebooks/compiler/fences.ts";
import { compiled } from "./lessons.ts";

describe("fences", () => {
  it("ts runs, other languages and .noeval are shown", () => {
    const note = "```ts\n1\n```\n\n```python\n2\n```\n\n```ts .noeval\n3\n```\n\n```js\n4\n```\n";
    assert.deepEqual(compiled(note).sources.slice(1), ["ts> 1", "```python\n2\n```\n\n```ts\n3\n```\n\n```js\n4\n```"]);
  });

  it("flags hide code or output, and expect an error", () => {
    const { cells } = compiled("```ts hide=code expect=error\n1\n```\n\n```ts {hide=output}\n2\n```\n");
    assert.deepEqual(
      cells.slice(1).map(({ metadata: { jupyter, tags } }) => ({ jupyter, tags })),
      [
        { jupyter: { source_hidden: true }, tags: ["hide-input", "raises-exception"] },
        { jupyter: { outputs_hidden: true }, tags: ["hide-output"] },
      ],
    );
  });

  it("a flag that is none is told, with the nearest", () => {
    assert.deepEqual(compiled("```ts hid=code hide=all expect=x .noevl\n1\n```\n").messages, [
      "note.md:1: warning: a fence has no flag hid; did you mean hide?",
      "note.md:1: warning: hide takes code or output, not all",
      "note.md:1: warning: expect takes error or refuted, not x",
      "note.md:1: warning: a fence has no flag .noevl; did you mean .noeval?",
    ]);
    assert.deepEqual(fenceFlags('ts check="a \\"b\\" c"').check, 'a "b" c');
  });

  it("a fence in a list is shown there, and runs behind the list", () => {
    const { cells, sources } = compiled("1. a\n\n   ```ts\n   f();\n   ```\n\n2. b\n\nc\n");
    assert.deepEqual(sources.slice(1), ["1. a\n\n   ```ts\n   f();\n   ```\n\n2. b", "ts> f();", "c"]);
    assert.deepEqual(cells[2]?.metadata["jupyter"], { source_hidden: true });
  });

  it("a fence without an end is told, shown, and not run", () => {
    const { sources, messages } = compiled("a\n\n```ts\n1\n");
    assert.deepEqual(sources.slice(1), ["a\n\n```ts\n1"]);
    assert.deepEqual(messages, ["note.md:3: the code fence ``` has no end"]);
  });
});

describe("claims in cells", () => {
  const code = (note: string): string[] => compiled(note).sources.filter((source) => source.startsWith("ts> "));

  it("a statement takes the fence's last expression for its evidence", () => {
    assert.deepEqual(code('```ts check="it is" expect=refuted\nconst a = 1;\na === 1; // yes\n```\n'), [
      'ts> // Claim: it is\nimport { claim } from "adjoint/claims";\nconst a = 1;\nclaim("it is", a === 1, { expect: "refuted" });',
    ]);
  });

  it("a formula is bound by its label or its place; the others are tried as they are written", () => {
    const note =
      '$$a = b$$ ^one\n\n$$c$$\n\n```ts check="^one"\n({ b }) => b\n```\n\n```ts check="$1"\n1\n```\n\n$d=e$\n';
    assert.deepEqual(code(note), [
      'ts> // Claim: formula $$2, as it is written\nimport { checkFormulas } from "adjoint/claims";\ncheckFormulas([\n  { place: "$$2", tex: String.raw`c` },\n]);',
      'ts> // Claim: formula ^one\nimport { checkFormula } from "adjoint/claims";\ncheckFormula({ place: "$$1", label: "one", tex: String.raw`a = b` }, ({ b }) => b);',
      'ts> // Claim: formula $1\nimport { checkFormula } from "adjoint/claims";\ncheckFormula({ place: "$1", tex: String.raw`d=e` }, 1);',
    ]);
  });

  it("what cannot be bound is told, with what is near", () => {
    const note =
      '$$a$$ ^alpha\n\n```ts check="^alpa"\n1\n```\n\n```ts check="$$1"\n1\n```\n\n```ts check="^alpha"\n2\n```\n\n```ts check="s"\nlet a;\n```\n';
    assert.deepEqual(compiled(note).messages, [
      "note.md:3: there is no formula ^alpa; did you mean ^alpha?",
      "note.md:11: the formula ^alpha is checked by another fence already",
      "note.md:15: a fence with check ends with an expression: the evidence, or the right-hand side",
    ]);
  });
});

describe("companions", () => {
  const note = "intro\n\n## One\n\na\n\n### Part\n\nb\n\n## Two\n\n### Part\n\nc\n";

  it("what they have under a heading comes at the end of its section", () => {
    const companion = "```ts\n0\n```\n\n# One\n\nwords\n\n```ts\n1\n```\n\n# Two\n\n## Part\n\n```ts\n2\n```\n";
    assert.deepEqual(compiled(note, { companion }).sources, [
      "# note",
      "ts> 0",
      "intro",
      "## One\n\na",
      "words",
      "ts> 1",
      "### Part\n\nb",
      "## Two",
      "### Part\n\nc",
      "ts> 2",
    ]);
  });

  it("a heading that is missing or ambiguous is told", () => {
    assert.deepEqual(compiled(note, { companion: "# Won\n\n```ts\n1\n```\n\n# Part\n\n```ts\n2\n```\n" }).messages, [
      'note.lesson.md:1: the note has no heading "Won"; did you mean "One"?',
      'note.lesson.md:7: the heading "Part" is ambiguous: the note has it in lines 7 and 13; repeat the heading above it too',
    ]);
  });

  it("their cells remember them, and are none of the note's", () => {
    const { cells } = compiled(note, { companion: "# One\n\n```ts\n1\n```\n" });
    const marks = cells.map(({ metadata }) => metadata["adjoint"] as { file?: string; line: number; note?: string });
    assert.deepEqual(
      marks.filter(({ file }) => file !== undefined).map(({ file, line, note: text }) => [file, line, text]),
      [["note.lesson.md", 4, ""]],
    );
  });

  it("ids of cells stay when another section changes", () => {
    const ids = (text: string): string[] => compiled(text).cells.map(({ id }) => id);
    const before = ids("## A\n\na\n\n## B\n\nb\n\n```ts\n1\n```\n");
    const after = ids("## A\n\nother\n\n```ts\n0\n```\n\n## B\n\nb\n\n```ts\n1\n```\n");
    assert.deepEqual(after.slice(-2), before.slice(-2));
    assert.equal(new Set(after).size, after.length);
  });
});
