// A lesson's notebook in Jupyter: valid by nbformat's own rules, and with the same verdicts when nbconvert runs it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseNotebook } from "../../kernel/notebook.ts";
import { VERDICTS_TYPE } from "../../notebooks/claims/verdict.ts";
import { vaultOf } from "./lessons.ts";

const python = process.platform === "win32" ? join(".venv", "Scripts", "python.exe") : join(".venv", "bin", "python");
const bin = fileURLToPath(new URL("../../../bin/adjoint.js", import.meta.url));
const run = promisify(execFile);

const note = `# A lesson

\`\`\`ts
import { problem } from "adjoint/claims";
problem({
  sizes: ["n", "m"],
  inputs: ({ n, m }) => ({ W: [m, n], x: [n, 1] }),
  compute({ W, x }) {
    const y = W.matmul(x);
    return { y, L: y.square().sum() };
  },
});
\`\`\`

$$\\frac{\\partial L}{\\partial W} = 2 y x^T$$ ^right

\`\`\`ts check="^right"
({ x, y }) => y.mul(2).matmul(x.t())
\`\`\`

$$\\frac{\\partial L}{\\partial x} = y W$$

\`\`\`ts check="$$2" expect=refuted
({ W, y }) => y.matmul(W)
\`\`\`

$$a + b$$

\`\`\`ts check="twice two is four"
2 * 2 === 4
\`\`\`
`;

describe("a lesson's notebook in nbconvert", function () {
  this.timeout(120_000);

  it("is valid, runs, and shows the same verdicts", async function () {
    if (!existsSync(python)) {
      console.log(`    no ${python}: \`npm test\` makes it`);
      return this.skip();
    }
    const vault = vaultOf({ "lesson.md": note });
    try {
      const file = join(vault.folder, "lesson.ipynb");
      await run(process.execPath, [bin, "install", "--prefix", vault.folder]);
      await run(process.execPath, [bin, "lesson", join(vault.folder, "lesson.md"), "--to", "ipynb", "--no-cache"]);
      const check = "import nbformat, sys; nbformat.validate(nbformat.read(sys.argv[1], 4), relax_add_props=False)";
      await run(python, ["-c", check, file]);
      const env = { ...process.env, JUPYTER_PATH: join(vault.folder, "share", "jupyter") };
      const args = [
        "-m",
        "nbconvert",
        "--to",
        "notebook",
        "--execute",
        "--output-dir",
        join(vault.folder, "out"),
        file,
      ];
      await run(python, args, { env });
      const verdicts = (path: string): unknown[] =>
        parseNotebook(readFileSync(path), path).cells.flatMap((cell) =>
          cell.cell_type !== "code"
            ? []
            : cell.outputs.flatMap((output) => ("data" in output ? (output.data[VERDICTS_TYPE] ?? []) : [])),
        );
      const ours = verdicts(file);
      assert.deepEqual(
        ours.map((finding) => (finding as { verdict: string }).verdict),
        ["holds", "refuted (shape)", "not checkable", "holds"],
      );
      assert.deepEqual(verdicts(join(vault.folder, "out", "lesson.ipynb")), ours);
    } finally {
      vault.remove();
    }
  });
});
