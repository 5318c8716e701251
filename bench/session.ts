// `npm run bench:session`: one long session of this kernel, by its hundreds of cells: is the five-hundredth cell as fast as the first, and
// does memory stay? The cells are of every kind that a notebook has, and most declare again what earlier ones declared, as
// happens when cells are run over and over. Nothing here asserts a figure.
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { adjoint } from "../test/adjoint.ts";
import { Client } from "../test/client.ts";

const { values: options } = parseArgs({
  options: { cells: { type: "string", default: "500" }, help: { type: "boolean", short: "h", default: false } },
});

/** One round of cells; `n` makes each text new, so that nothing is compiled twice. */
const kinds: ((n: number) => string)[] = [
  (n) => `let total = ${n}; const label = "cell ${n}"; total`,
  (n) => `function step(x: number): number { return x + ${n} }\ntotal = step(total); total`,
  (n) =>
    `import { join, basename as base } from "node:path"; import * as os from "node:os"; base(join("a", "${n}"), String(os.EOL))`,
  (
    n,
  ) => `class Model<T> { weights: T[] = []; constructor(readonly id: number) {} train(x: T) { this.weights.push(x); return this } }
          new Model<number>(${n}).train(1)`,
  (n) => `let loss = 0; for (let i = 0; i < 20_000; i++) { loss += i * ${n}; }\nloss`,
  (n) => `display({ "text/markdown": "**${n}**", "text/plain": "${n}" }, { raw: true }); display.html("<b>${n}</b>")`,
  (n) => `for (let line = 0; line < 50; line++) console.log("line", line, ${n})`,
  (n) => `const rows = Array.from({ length: 40 }, (_, i) => ({ i, value: i * ${n} })); rows`,
  (n) =>
    `const later${n % 7} = await new Promise<number>((resolve) => setTimeout(() => resolve(${n}), 0)); later${n % 7}`,
  (n) => `/** @module part */\nexport const part = ${n}; export const double = (x: number) => x * 2;`,
  () => `import { part, double } from "./part"; double(part)`,
  (n) =>
    `enum Phase { Start = ${n}, End }\ninterface Options { a: number }\nconst { a, ...others }: Options & Record<string, number> = { a: Phase.End, b: 1 };\n[a, others]`,
  (n) => `throw new RangeError("the ${n}th")`,
];

const gc = `globalThis.collect ??= (require("node:v8").setFlagsFromString("--expose-gc"), require("node:vm").runInNewContext("gc"));
            collect(); const { heapUsed, rss } = process.memoryUsage(); console.log(JSON.stringify([heapUsed, rss, process.pid]))`;

interface Figures {
  cells: string;
  median: number;
  slow: number;
  heap: number;
  runtime: number;
  kernel: number | undefined;
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** Resident bytes of a process; undefined where there is no /proc. */
async function residentOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => ""); // macOS and Windows have none
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

async function measure(client: Client, from: number, count: number): Promise<Figures> {
  const times: number[] = [];
  for (let n = from; n < from + count; n++) {
    const code = kinds[n % kinds.length]?.(n) ?? "";
    const begun = performance.now();
    await client.execute(code, { stopOnError: false });
    times.push(performance.now() - begun);
    client.forget();
  }
  times.sort((a, b) => a - b);
  const memory = (await client.execute(gc, { storeHistory: false })).text("stdout");
  const [heap = 0, runtime = 0] = JSON.parse(memory) as number[];
  const kernel = await residentOf(client.pid);
  const cells = `${from + 1}–${from + count}`;
  return { cells, median: quantile(times, 0.5), slow: quantile(times, 0.95), heap, runtime, kernel };
}

const megabytes = (bytes: number | undefined): string => (bytes === undefined ? "?" : (bytes / 1e6).toFixed(1));

async function main(): Promise<number> {
  const cells = Number(options.cells);
  if (options.help || !Number.isInteger(cells) || cells < 1) {
    console.error("npm run bench:session -- [--cells 500]");
    return options.help ? 0 : 64;
  }
  const client = await Client.start(adjoint);
  try {
    console.log("| cells | median ms | 95th percentile ms | runtime: heap MB | runtime: RSS MB | kernel: RSS MB |");
    console.log("| ----- | --------- | ------------------ | ---------------- | --------------- | -------------- |");
    for (let from = 0; from < cells; from += 100) {
      const figures = await measure(client, from, Math.min(100, cells - from));
      const { median, slow, heap, runtime, kernel } = figures;
      const row = [figures.cells, median.toFixed(2), slow.toFixed(2), ...[heap, runtime, kernel].map(megabytes)];
      console.log(`| ${row.join(" | ")} |`);
    }
  } finally {
    await client.close();
  }
  return 0;
}

process.exitCode = await main();
