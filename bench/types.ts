// `npm run bench:types`: the checker's time for 300 lines of tensor code in a session with the real prelude, as one cell and as thirty, with
// shapes and with plain tensors: medians over several checkers, taken in turn so that drift of the machine hits all alike. Nothing here
// asserts a time.

import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Language } from "../kernel/language.ts";
import { DEFAULT_PRELUDE } from "../kernel/prelude.ts";

const { values } = parseArgs({ options: { runs: { type: "string", default: "5" } } });
const RUNS = Number(values.runs);
const BLOCKS = 30;
const LINES = 300;
/** Milliseconds between two cells: less than anyone takes. */
const PAUSE = 60;

/** Ten lines of a small network, of sizes that differ from block to block. */
function block(k: number, typed: boolean): string {
  const [a, b, c] = [2 + (k % 7), 3 + (k % 5), 4 + (k % 3)];
  const declared = typed ? "" : ": Tensor";
  return `const x${k}${declared} = tensor(${JSON.stringify(Array.from({ length: 4 }, () => Array.from({ length: a }, (_, j) => j)))});
const w${k}${declared} = zeros([${a}, ${b}], { requiresGrad: true });
const v${k}${declared} = randn([${b}, ${c}]);
const h${k}${declared} = x${k}.matmul(w${k}).add(ones([${b}])).sigmoid();
const o${k}${declared} = h${k}.matmul(v${k}).tanh().mul(2);
const n${k}${declared} = o${k}.sub(o${k}.mean(1, true)).div(o${k}.std(1, { keepdim: true }).add(1e-5));
const r${k}${declared} = n${k}.reshape([2, ${2 * c}]).transpose(0, 1).sum(0);
const l${k}${declared} = n${k}.square().sum(1).mean();
l${k}.backward(); noGrad(() => w${k}.sub_(w${k}.grad?.mul(0.1) ?? 0));
const s${k} = [r${k}, l${k}.add(r${k}.amax())];`;
}

const blocks = (typed: boolean): string[] => Array.from({ length: BLOCKS }, (_, k) => block(k, typed));

/** Milliseconds that each of `cells` is checked in, one after the other, by a checker of its own. */
async function checked(cells: readonly string[], folder: string): Promise<number[]> {
  const language = new Language({ folder, prelude: DEFAULT_PRELUDE });
  try {
    await language.warmUp();
    // The first use of a tensor has the library's declarations read.
    await language.check("tensor([[1]]).matmul(ones([1, 2]))", 0);
    const times: number[] = [];
    for (const [index, cell] of cells.entries()) {
      const start = performance.now();
      const check = await language.check(cell, index + 1);
      times.push(performance.now() - start);
      const wrong = check.checked ? check.errors.map(({ message }) => message).join("\n") : check.reason;
      if (wrong !== "") throw new Error(wrong);
      await language.ran(cell, index + 1);
      // While its reader looks at what it shows, the checker reads what it has declared.
      await delay(PAUSE);
    }
    return times;
  } finally {
    await language.close();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

const rows = [
  { name: "one cell, with shapes", cells: [blocks(true).join("\n")], totals: [] as number[] },
  { name: "one cell, plain tensors", cells: [blocks(false).join("\n")], totals: [] as number[] },
  { name: "30 cells, with shapes", cells: blocks(true), totals: [] as number[] },
  { name: "30 cells, plain tensors", cells: blocks(false), totals: [] as number[] },
];
const folder = mkdtempSync(join(tmpdir(), "adjoint-bench-types-"));
try {
  for (let run = 0; run < RUNS; run++)
    for (const [index] of rows.entries()) {
      const row = rows[(index + run) % rows.length];
      if (row !== undefined) row.totals.push((await checked(row.cells, folder)).reduce((sum, time) => sum + time, 0));
    }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(
  `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}; ${LINES} lines, ${RUNS} runs\n`,
);
console.log(`${"".padEnd(26)}median ms   least   lines/ms`);
for (const { name, totals } of rows) {
  const middle = median(totals);
  const figures = [
    middle.toFixed(0).padStart(9),
    Math.min(...totals)
      .toFixed(0)
      .padStart(8),
  ];
  console.log(`${name.padEnd(26)}${figures.join("")}   ${(LINES / middle).toFixed(2).padStart(8)}`);
}
