// Somebody's study note, which lies beside the repository where it is there at all: its formulas check themselves.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseNotebook } from "../../kernel/notebook.ts";
import { type Finding, VERDICTS_TYPE } from "../../notebooks/claims/verdict.ts";
import { vaultOf } from "./lessons.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = process.env["ADJOINT_NOTES"] ?? join(dirname(root), "shared", "notes");
const companion = readFileSync(join(root, "test", "data", "reverse-accumulation.lesson.md"), "utf8");
/** A fence that has no code: the formula is checked as it is written, and is known to be wrong. */
const expected = ["$$2", "$$4", "$$5", "$$6"]
  .map((place) => `\n\`\`\`ts check="${place}" expect=refuted\n\`\`\`\n`)
  .join("");
const SECTION = "\n# 4. Example: Reverse Accumulation in a Neural Network\n";

describe("the formulas of a real note", function () {
  this.timeout(120_000);

  async function built(lesson: string | undefined) {
    const name = readdirSync(folder).find((one) => one.endsWith(".md")) ?? "";
    const files = {
      "note.md": readFileSync(join(folder, name)),
      ...(lesson !== undefined && { "note.lesson.md": lesson }),
    };
    const vault = vaultOf(files);
    try {
      const env = { ...process.env, ADJOINT_CACHE: join(vault.folder, "cache") };
      const child = spawn(process.execPath, [join(root, "bin", "adjoint.js"), "lesson", "note.md"], {
        cwd: vault.folder,
        env,
      });
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
      const [exit] = (await once(child, "close")) as [number];
      const { cells } = parseNotebook(readFileSync(join(vault.folder, "note.ipynb")), "note.ipynb");
      const findings = cells
        .flatMap((cell) => (cell.cell_type === "code" ? cell.outputs : []))
        .flatMap((output) => ("data" in output ? ((output.data[VERDICTS_TYPE] ?? []) as Finding[]) : []));
      const page = readFileSync(join(vault.folder, "note.html"), "utf8");
      return {
        exit,
        stderr,
        page,
        findings,
        verdicts: Object.fromEntries<string>(findings.map(({ place = "", verdict }) => [place, verdict])),
      };
    } finally {
      vault.remove();
    }
  }

  before(function () {
    if (!existsSync(folder) || !readdirSync(folder).some((name) => name.endsWith(".md"))) this.skip();
  });

  const WRONG = {
    $$1: "not checkable",
    $$2: "refuted (shape)",
    $$3: "holds",
    $$4: "refuted (shape)",
    $$5: "refuted (shape)",
    $$6: "refuted (shape)",
  };
  const DEFINED = { $8: "holds", $9: "holds", $10: "holds" };

  it("get their verdicts with nothing beside the note, from shapes that its definitions imply", async () => {
    const { exit, stderr, page, findings, verdicts } = await built(undefined);
    assert.deepEqual(verdicts, { ...DEFINED, ...WRONG });
    assert.equal(exit, 2);
    assert.match(stderr, /1 holds, 3 definitions, 4 refuted \(shape\), 1 not checkable$/m);
    assert.match(
      stderr,
      /^note\.md:72: the formula \$\$2: refuted \(shape\): ∂L\/∂y · h: the product of .* does not conform; .*; found by trial/m,
    );
    assert.ok(
      findings
        .filter(({ verdict }) => verdict.startsWith("refuted"))
        .every(({ suggestion }) => suggestion !== undefined),
    );
    const beside = [...page.matchAll(/<span class="formula-display"[^]*?class="verdict[^>]*>([^<]*)</g)].map(
      ([, text]) => text,
    );
    assert.deepEqual(
      beside,
      Object.values(WRONG).map((verdict) => `${{ h: "✓", r: "✗", n: "?" }[verdict[0] as "h"]} ${verdict}`),
    );
    assert.equal(page.match(/<small class="why">[^<]*found by trial, this holds: <span class="katex">/g)?.length, 4);
    assert.equal(page.match(/✓<span class="unseen"> holds, by definition<\/span>/g)?.length, 3);
    for (const [, id = ""] of page.matchAll(/class="verdict [^>]*href="#([^"]*)"/g))
      assert.ok(page.includes(`id="${id}"`), id);
  });

  it("get those of the facts at sizes 3, 4 and 2, and the build is fine where they are expected", async () => {
    const { exit, stderr, findings, verdicts } = await built(companion + SECTION + expected);
    assert.deepEqual(verdicts, { ...DEFINED, ...WRONG });
    assert.equal(exit, 0, stderr);
    assert.match(findings.find(({ place }) => place === "$$2")?.detail ?? "", /\(n = 3, h = 4, m = 2\)$/);
    assert.equal((await built(companion)).exit, 2);
  });

  it("all hold where every size is 1, and say that this proves little", async () => {
    const { exit, verdicts, findings, page } = await built(
      companion.replace("{ n: 3, h: 4, m: 2 }", "{ n: 1, h: 1, m: 1 }"),
    );
    const holding = Object.fromEntries(Object.keys(WRONG).map((place) => [place, "holds"]));
    assert.deepEqual(verdicts, { ...DEFINED, ...holding, $$1: "not checkable" });
    assert.equal(exit, 0);
    assert.ok(
      findings
        .filter(({ verdict }) => verdict === "holds")
        .every(({ warnings }) => warnings.some((text) => text.includes("are 1"))),
    );
    assert.equal(page.match(/>✓ holds, with a warning</g)?.length, 2 * 5);
  });
});
