// Each construct of Obsidian's Markdown, and the cells that it becomes.
import assert from "node:assert/strict";
import { compiled, vaultOf } from "./lessons.ts";

interface Case {
  name: string;
  note: string;
  /** Without the title that every note gets. */
  cells: string[];
  messages?: string[];
}

const inText: Case[] = [
  {
    name: "formulas in all four delimiters become dollars",
    note: "a \\(x_1\\) b $y$ c\n\n\\[ a = b \\]\n\n$$c=d$$\n",
    cells: [
      "a $x_1$ b $y$ c\n\n$$\na = b\n$$\n\n<small>○ not checked: the formula above</small>",
      "$$\nc=d\n$$\n\n<small>○ not checked: the formula above</small>",
    ],
  },
  {
    name: "a display in a sentence gets lines of its own, with the full stop",
    note: "- Take $$x$$. Then\n  go on\n",
    cells: ["- Take\n\n  $$\n  x.\n  $$\n\n  Then\n  go on\n\n<small>○ not checked: the formula above</small>"],
  },
  {
    name: "a display in a quote keeps the quote's sign",
    note: "> so\n> $$\n> a\n> $$\n> and\n",
    cells: ["> so\n>\n> $$\n> a\n> $$\n>\n> and\n\n<small>○ not checked: the formula above</small>"],
  },
  {
    name: "a formula in a table has no bar, and a display there stays in its line",
    note: "| a | b |\n|---|---|\n| $|x|$ | $$y$$ |\n",
    cells: [
      "| a | b |\n|---|---|\n| $\\vert x\\vert $ | $\\displaystyle y$ |\n\n<small>○ not checked: the formula above</small>",
    ],
  },
  {
    name: "dollars that are money are escaped",
    note: "from $5 to $6, and \\$7\n",
    cells: ["from \\$5 to \\$6, and \\$7"],
  },
  {
    name: "escaped brackets stay text",
    note: "see \\[1\\] and \\[the end\\]\n",
    cells: ["see \\[1\\] and \\[the end\\]"],
  },
  {
    name: "code and addresses keep their dollars",
    note: "`$x$` <https://a.b/$c$> [d](e$f$)\n",
    cells: ["`$x$` <https://a.b/$c$> [d](e$f$)"],
    messages: ["note.md:1: there is no file e$f$"],
  },
  {
    name: "highlights are marked, with what they hold",
    note: "a ==b **c** d== e == f\n",
    cells: ["a <mark>b **c** d</mark> e == f"],
  },
  {
    name: "comments go, in a line and over several",
    note: "a %%b%% c\n\n%%\nd\n\n```ts\ne\n```\n%%\n\nf\n",
    cells: ["a  c\n\n\n\nf"],
  },
  {
    name: "a block's name becomes an anchor",
    note: "a ^one\n\n- b ^two\n",
    cells: ['a<a id="^one"></a>\n\n- b<a id="^two"></a>'],
  },
  {
    name: "footnotes are numbered as the text refers to them",
    note: "a[^x] b[^y] c[^x]^[in line]\n\n[^y]: Y\n[^x]: X\n\n    more\n",
    cells: [
      'a<sup id="fnref-1"><a href="#fn-1">1</a></sup> b<sup id="fnref-2"><a href="#fn-2">2</a></sup> c<sup><a href="#fn-1">1</a></sup> <small>(in line)</small>\n\n' +
        '<a id="fn-2"></a><sup>2</sup> Y <a href="#fnref-2">↩</a>\n\n<a id="fn-1"></a><sup>1</sup> X\n\nmore <a href="#fnref-1">↩</a>',
    ],
  },
  {
    name: "a callout is a quote with a title",
    note: "> [!warning] Mind $x$\n> body\n\n> [!tip]\n",
    cells: ['> <b class="callout callout-warning">Mind $x$</b>\n>\n> body\n\n> <b class="callout callout-tip">Tip</b>'],
  },
  {
    name: "a callout that folds is folded",
    note: "> [!note]- More\n> a\n> $$x$$\n>\n> - b\n\nc\n",
    cells: [
      '<details class="callout callout-note">\n<summary>More</summary>\n\na\n\n$$\nx\n$$\n\n- b\n\n</details>\n\n<small>○ not checked: the formula above</small>',
      "c",
    ],
  },
  {
    name: "a callout that is folded open is open",
    note: "> [!info]+\n> a\n",
    cells: ['<details class="callout callout-info" open>\n<summary>Info</summary>\n\na\n\n</details>'],
  },
  {
    name: "code in the title of a callout that folds is HTML, for no front end reads Markdown there",
    note: "> [!tip]- Is `a < b` or `c\n> d\n",
    cells: [
      '<details class="callout callout-tip">\n<summary>Is <code>a &lt; b</code> or `c</summary>\n\nd\n\n</details>',
    ],
  },
  {
    name: "mermaid stays code",
    note: "```mermaid\ngraph TD\nA[$x$]-->B\n```\n",
    cells: ["```mermaid\ngraph TD\nA[$x$]-->B\n```"],
  },
  {
    name: "what is CommonMark or GFM stays as it is written",
    note: "* a\n  1) b\n- [ ] c\n- [x] d\n\n| a |\n|:-:|\n| ~~b~~ |\n\nhard  \nbreak\\\nhere &amp; <b>raw</b> <!-- x -->\n\n    code\n\n***\n\n[r]: https://a.b 'c'\n",
    cells: [
      "* a\n  1) b\n- [ ] c\n- [x] d\n\n| a |\n|:-:|\n| ~~b~~ |\n\nhard  \nbreak\\\nhere &amp; <b>raw</b> <!-- x -->\n\n    code\n\n***\n\n[r]: https://a.b 'c'",
    ],
  },
  {
    name: "references get their addresses, since what defines them may be in another cell",
    note: "[*a*][r] [R][] [r] ![p][r] [x]\n\n## T\n\n[r]: https://a.b 'c'\n",
    cells: [
      '[*a*](https://a.b "c") [R](https://a.b "c") [r](https://a.b "c") ![p](https://a.b "c") [x]',
      "## T\n\n[r]: https://a.b 'c'",
    ],
  },
  {
    name: "mojibake is repaired, and told",
    note: "good ðŸ˜Š, itâ€™s; “café”… stays, and MENÜ“\n",
    cells: ["good 😊, it’s; “café”… stays, and MENÜ“"],
    messages: [
      'note.md:1: warning: "ðŸ˜Š" is 😊 in the wrong encoding, and was repaired',
      'note.md:1: warning: "â€™" is ’ in the wrong encoding, and was repaired',
    ],
  },
  { name: "lines that end as on Windows", note: "a\r\nb \\(x\\)\r\n\r\n- c\r\n", cells: ["a\nb $x$\n\n- c"] },
];

describe("the compiler of notes, in text", () => {
  for (const { name, note, cells, messages = [] } of inText) {
    it(name, () => {
      const result = compiled(note);
      assert.deepEqual(result.sources.slice(1), cells);
      assert.deepEqual(result.messages, messages);
    });
  }
});

describe("the compiler of notes, headings", () => {
  const levels = (note: string): string[] => compiled(note).sources.map((source) => source.split("\n", 1)[0] ?? "");

  it("a note without H1 gets its file's name, and no level is left out", () => {
    assert.deepEqual(levels("##### a\n\nx\n\n### b\n\nx\n\n##### c\n\nx\n\n#### d\n\nx\n"), [
      "# note",
      "## a",
      "## b",
      "### c",
      "### d",
    ]);
  });

  it("a title in the front matter comes before the file's name", () => {
    const { sources, notebook } = compiled("---\ntitle: Gradients\ntags: [a, b/c]\n---\n## x\n\ny #d\n");
    assert.deepEqual(sources, ["# Gradients", "## x\n\ny #d"]);
    assert.deepEqual((notebook.metadata["adjoint"] as { tags: unknown }).tags, ["a", "b/c", "d"]);
  });

  it("its only H1 stays, underlined ones become marked", () => {
    assert.deepEqual(levels("Title\n=====\n\nx\n\nPart\none\n---\n\ny\n"), ["# Title", "## Part one"]);
  });

  it("several H1s go one down", () => {
    assert.deepEqual(levels("# a\n\nx\n\n# b\n\ny\n"), ["# note", "## a", "## b"]);
  });

  it("empty sections are kept and folded", () => {
    const { cells, sources } = compiled("## a\n\n## b\n\n### c\n\nx\n");
    assert.deepEqual(sources, ["# note", "## a", "## b", "### c\n\nx"]);
    assert.deepEqual(
      cells.map(({ metadata }) => metadata["jp-MarkdownHeadingCollapsed"]),
      [undefined, true, undefined, undefined],
    );
  });

  it("a line of tags is no heading, and its links need not lead anywhere", () => {
    const { sources, messages, translation } = compiled(
      "###### Tags- [[Machine-Learning]], [[Deep|DL]] #x\n\n## a\n\nb\n",
    );
    assert.deepEqual(sources, ["# note", "**Tags:** Machine-Learning, DL #x", "## a\n\nb"]);
    assert.deepEqual(messages, []);
    assert.deepEqual(translation.tags.toSorted(), ["Deep", "Machine-Learning", "x"]);
  });
});

describe("the compiler of notes, links", () => {
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );
  const files = {
    "note.md": "## Own part\n",
    "sub/Other note.md": "# Other\n\n## Its *part*\n\ntext $x$ ^block\n\n## Next\n\n```ts\nrun()\n```\n",
    "a.md": "![[b]]\n",
    "b.md": "![[a]]\n",
    "pic one.png": png,
    "data.csv": "1",
  };
  let vault: ReturnType<typeof vaultOf>;
  before(() => {
    vault = vaultOf(files);
  });
  after(() => vault.remove());

  const cases: Case[] = [
    {
      name: "a name leads to the note, wherever it lies",
      note: "[[Other note]] [[other note|it]]\n",
      cells: ["[Other note](sub/Other%20note.md) [it](sub/Other%20note.md)"],
    },
    {
      name: "a heading and a block are found",
      note: "[[Other note#Its part]] [[Other note#^block|b]] [[#Own part]]\n\n## Own part\n\nx\n",
      cells: [
        "[Other note > Its part](sub/Other%20note.md#Its-part) [b](sub/Other%20note.md#%5Eblock) [Own part](#Own-part)",
        "## Own part\n\nx",
      ],
    },
    {
      name: "what is not there is told, with what is near",
      note: "[[Othr note]] [[Other note#Its pert|p]]\n",
      cells: ["Othr note [p](sub/Other%20note.md)"],
      messages: [
        "note.md:1: there is no note or file Othr note; did you mean other note?",
        "note.md:1: Other note.md has no heading Its pert; did you mean Its *part*?",
      ],
    },
    {
      name: "in a table the bar is escaped",
      note: "| a |\n|---|\n| [[Other note\\|x]] |\n",
      cells: ["| a |\n|---|\n| [x](sub/Other%20note.md) |"],
    },
    {
      name: "a path of Markdown's own is checked too",
      note: "[a](data.csv) [b](sub/Other%20note.md#its-part) [c](none.csv)\n",
      cells: ["[a](data.csv) [b](sub/Other%20note.md#Its-part) [c](none.csv)"],
      messages: ["note.md:1: there is no file none.csv"],
    },
    {
      name: "nothing outside the vault is read",
      note: "[a](../x.md) [[../y]]\n",
      cells: ["[a](../x.md) ../y"],
      messages: [
        "note.md:1: [[../y]] lies outside the vault ., and is not read",
        "note.md:1: ../x.md lies outside the vault ., and is not read",
      ],
    },
    {
      name: "a note is embedded as a quote, and nothing in it runs",
      note: "![[Other note#Next]]\n",
      cells: ["> **[Other note > Next](sub/Other%20note.md#Next)**\n>\n> ## Next\n>\n> ```ts\n> run()\n> ```"],
    },
    {
      name: "a block is embedded",
      note: "- a\n\n  ![[Other note#^block]]\n",
      cells: ['- a\n\n  > **[Other note](sub/Other%20note.md#%5Eblock)**\n  >\n  > text $x$<a id="^block"></a>'],
    },
  ];
  for (const { name, note, cells, messages = [] } of cases) {
    it(name, () => {
      const result = compiled(note, { folder: vault.folder });
      assert.deepEqual(result.sources.slice(1), cells);
      assert.deepEqual(
        result.messages.map((message) => message.replaceAll(vault.folder, ".")),
        messages,
      );
    });
  }

  it("pictures become attachments of their cell", () => {
    const { cells, sources } = compiled("![[pic one.png|30]]\n\n## x\n\n![alt](<pic one.png>)\n", {
      folder: vault.folder,
    });
    assert.deepEqual(sources.slice(1), [
      '<img src="attachment:pic-one.png" alt="pic one.png" width="30">',
      "## x\n\n![alt](attachment:pic-one.png)",
    ]);
    const attachments = cells.slice(1).map((cell) => (cell as unknown as { attachments: unknown }).attachments);
    assert.deepEqual(attachments, Array(2).fill({ "pic-one.png": { "image/png": png.toString("base64") } }));
  });

  it("notes that embed each other are told, and linked to", () => {
    const { sources, messages } = compiled("![[a]]\n", { folder: vault.folder });
    assert.match(
      sources[1] ?? "",
      /^> \*\*\[a\]\(a\.md\)\*\*\n>\n> > \*\*\[b\]\(b\.md\)\*\*\n> >\n> > \[a\]\(a\.md\)$/,
    );
    assert.deepEqual(messages, ["b.md:1: it embeds itself: a.md → b.md → a.md"]);
  });
});
