// A lesson as plain Markdown, with outputs and pictures beside it.
import assert from "node:assert/strict";
import { markdownOf } from "../../notebooks/compiler/markdown.ts";
import { notebookOf } from "../small-notebook.ts";

describe("a lesson as Markdown", () => {
  it("has code, what it showed, and pictures as files", () => {
    const display = (data: Record<string, unknown>) => ({ output_type: "display_data", data, metadata: {} });
    const outputs = [
      { output_type: "stream", name: "stdout", text: "\u001b[31mred\u001b[39m\n" },
      display({ "image/png": "AAEC", "text/plain": "a [picture]\nof it" }),
      display({ "text/markdown": "**✓ holds**", "text/plain": "p" }),
      { output_type: "error", ename: "E", evalue: "v", traceback: ["E: v", "`x`"] },
    ];
    const { text, files } = markdownOf(
      notebookOf(
        {
          cell_type: "markdown",
          source: "# T\n\n![a](attachment:b.png)",
          attachments: { "b.png": { "image/png": "AA==" } },
        },
        { source: "1;", outputs },
        {
          source: "hidden()",
          metadata: { jupyter: { source_hidden: true } },
          outputs: [display({ "text/plain": "``` 2" })],
        },
      ),
      "n.out",
    );
    assert.equal(
      text,
      "# T\n\n![a](n.out/1.png)\n\n```ts\n1;\n```\n\n```text\nred\n```\n\n![a picture](n.out/2.png)\n\n**✓ holds**\n\n```text\n" +
        "E: v\n`x`\n```\n\n````text\n``` 2\n````\n",
    );
    assert.deepEqual(
      [...files].map(([name, bytes]) => [name, [...bytes]]),
      [
        ["n.out/1.png", [0]],
        ["n.out/2.png", [0, 1, 2]],
      ],
    );
  });
});
