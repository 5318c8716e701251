// `node dist/bench/types.js`: the checker's time for 300 lines of tensor code, and for the same lines where no shape is known.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const RUNS = 5;

/** Ten lines of a small network, of sizes that differ from block to block. */
function block(k: number, typed: boolean): string {
  const [a, b, c] = [2 + (k % 7), 3 + (k % 5), 4 + (k % 3)];
  const declared = typed ? "" : ": Tensor";
  return `
const x${k}${declared} = tensor(${JSON.stringify(Array.from({ length: 4 }, () => Array.from({ length: a }, (_, j) => j)))});
const w${k}${declared} = zeros([${a}, ${b}], { requiresGrad: true });
const v${k}${declared} = randn([${b}, ${c}]);
const h${k}${declared} = x${k}.matmul(w${k}).add(ones([${b}])).sigmoid();
const o${k}${declared} = h${k}.matmul(v${k}).tanh().mul(2);
const n${k}${declared} = o${k}.sub(o${k}.mean(1, true)).div(o${k}.std(1, { keepdim: true }).add(1e-5));
const r${k}${declared} = n${k}.reshape([2, ${2 * c}]).transpose(0, 1).sum(0);
const l${k}${declared} = n${k}.square().sum(1).mean();
l${k}.backward(); noGrad(() => w${k}.sub_(w${k}.grad?.mul(0.1) ?? 0));
export const s${k} = [r${k}, l${k}.add(r${k}.amax())];`;
}

function time(typed: boolean | undefined): number {
  const folder = mkdtempSync(join(ROOT, "bench", "types-"));
  try {
    const lines = typed === undefined ? "" : Array.from({ length: 30 }, (_, k) => block(k, typed)).join("\n");
    writeFileSync(
      join(folder, "cell.ts"),
      `import { noGrad, ones, randn, tensor, zeros, type Tensor } from "../../dist/lib/index.js";
export type Any = Tensor; void [noGrad, ones, randn, tensor, zeros];\n${lines}\n`,
    );
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          module: "nodenext",
          target: "es2023",
          lib: ["es2023"],
          types: [],
          noEmit: true,
        },
        include: ["cell.ts"],
      }),
    );
    const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    const start = performance.now();
    const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
    if (status !== 0) throw new Error(stdout);
    return performance.now() - start;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function median(run: () => number): number {
  const times = Array.from({ length: RUNS }, run).sort((a, b) => a - b);
  return times[Math.floor(RUNS / 2)] as number;
}

const empty = median(() => time(undefined));
const typed = median(() => time(true));
const plain = median(() => time(false));
console.log(`the library's declarations alone   ${empty.toFixed(0)} ms`);
console.log(`300 lines with shapes              ${(typed - empty).toFixed(0)} ms more`);
console.log(`300 lines of plain tensors         ${(plain - empty).toFixed(0)} ms more`);
