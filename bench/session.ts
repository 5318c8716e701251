// `npm run bench:session`: long sessions of this kernel, by their hundreds of cells: is the five-hundredth cell as fast as the first, and does
// the memory of the three processes stay? In one the cells are of every kind that a notebook has, and most declare again what earlier ones
// declared, as happens when cells are run over and over; in the other each uses the one before, and all stay alive. Then cells that
// import a package of many types: the first, and the one after it. Nothing here asserts a figure.
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { adjoint, root } from "../test/adjoint.ts";
import { Client } from "../test/client.ts";
import { median, quantile } from "./table.ts";

const SESSIONS = ["mixed", "dependent", "imports"];

const { values: options } = parseArgs({
  options: {
    cells: { type: "string", default: "500" },
    only: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});

/** One round of cells; `n` makes each text new, so that nothing is compiled twice. */
const mixed: ((n: number) => string)[] = [
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

/** Each uses the one before, by value or by type, inferred or written. */
const dependent: ((n: number) => string)[] = [
  (n) => `let a${n} = ${n === 0 ? 0 : `a${n - 1}`} + 1; a${n}`,
  (n) => `function a${n + 1}f(x: number) { return x + a${n - 1} }\nlet a${n} = a${n + 1}f(${n}); a${n}`,
  (n) => `interface Box${n} { value: number; label: string }
function box${n}(value: number): Box${n} { return { value, label: String(value) } }
const a${n} = [a${n - 1}].map((value) => box${n}(value).value)[0]!; a${n}`,
  (n) => `class Model${n} { weights = [a${n - 1}]; train(x: number) { this.weights.push(x); return this } }
const a${n} = new Model${n}().train(${n}).weights.length; a${n}`,
  (n) => `const rows${n} = Array.from({ length: 5 }, (_, i) => ({ i, value: i * a${n - 1} }));
let a${n} = rows${n}.reduce((sum, { value }) => sum + value, 0); a${n}`,
];

/** Packages of many types; only their types, since what they take to run is their own matter. */
const imports = {
  typescript: (n: number) =>
    `import type { API, Checker } from "typescript/unstable/async"; type Made${n} = ReturnType<Checker["typeToString"]> & { api?: API }; ${n}`,
  "vega-lite": (n: number) =>
    `import type { TopLevelSpec } from "vega-lite"; const spec${n}: TopLevelSpec = { data: { values: [{ a: ${n} }] }, mark: "bar", encoding: { x: { field: "a", type: "quantitative" } } }; ${n}`,
};

const gc = `// @ts-nocheck
globalThis.collect ??= (require("node:v8").setFlagsFromString("--expose-gc"), require("node:vm").runInNewContext("gc"));
            collect(); const { heapUsed, rss } = process.memoryUsage(); console.log(JSON.stringify([heapUsed, rss, process.pid]))`;

interface Figures {
  cells: string;
  times: number[];
  heap: number;
  runtime: number;
  kernel: number | undefined;
  checker: number | undefined;
}

/** Resident bytes of a process; undefined where there is no /proc. */
async function residentOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => ""); // macOS and Windows have none
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

async function checkerOf(kernel: number): Promise<number | undefined> {
  const children = await readFile(`/proc/${kernel}/task/${kernel}/children`, "utf8").catch(() => ""); // likewise
  for (const child of children.split(" ").filter((each) => each !== "")) {
    const command = await readFile(`/proc/${child}/cmdline`, "utf8").catch(() => ""); // ended meanwhile
    if (command.includes("--lsp")) return residentOf(Number(child));
  }
  return undefined;
}

async function timed(client: Client, code: string, mayFail = false): Promise<number> {
  const begun = performance.now();
  const { reply } = await client.execute(code, { stopOnError: false });
  const took = performance.now() - begun;
  client.forget();
  if (reply.content.status !== "ok" && !mayFail) throw new Error(`${code}: ${JSON.stringify(reply.content)}`);
  return took;
}

async function measure(
  client: Client,
  kinds: readonly ((n: number) => string)[],
  from: number,
  count: number,
): Promise<Figures> {
  const times: number[] = [];
  for (let n = from; n < from + count; n++) {
    const code = kinds[n % kinds.length]?.(n) ?? "";
    times.push(await timed(client, code, code.startsWith("throw")));
  }
  const memory = (await client.execute(gc, { storeHistory: false })).text("stdout");
  const [heap = 0, runtime = 0] = JSON.parse(memory) as number[];
  const [kernel, checker] = await Promise.all([residentOf(client.pid), checkerOf(client.pid)]);
  return { cells: `${from + 1}–${from + count}`, times, heap, runtime, kernel, checker };
}

const megabytes = (bytes: number | undefined): string => (bytes === undefined ? "?" : (bytes / 1e6).toFixed(1));
const milliseconds = (time: number | undefined): string => time?.toFixed(2) ?? "?";
const row = (...fields: string[]): void => console.log(`| ${fields.join(" | ")} |`);

async function session(name: string, kinds: readonly ((n: number) => string)[], cells: number): Promise<void> {
  const client = await Client.start(adjoint);
  try {
    row(
      `${name} cells`,
      "median ms",
      "95th percentile ms",
      "runtime: heap MB",
      "RSS MB",
      "kernel: RSS MB",
      "checker: RSS MB",
    );
    row(...Array.from({ length: 7 }, () => "---"));
    for (let from = 0; from < cells; from += 100) {
      const figures = await measure(client, kinds, from, Math.min(100, cells - from));
      const { times, heap, runtime, kernel, checker } = figures;
      const statistics = [median(times), quantile(times, 0.95)].map(milliseconds);
      row(figures.cells, ...statistics, ...[heap, runtime, kernel, checker].map(megabytes));
    }
  } finally {
    await client.close();
  }
}

async function importing(): Promise<void> {
  row("import of the types of", "first ms", "second ms", "checker before: RSS MB", "after: RSS MB");
  row(...Array.from({ length: 5 }, () => "---"));
  for (const [name, cell] of Object.entries(imports)) {
    // The packages are this project's own.
    process.chdir(root);
    const client = await Client.start(adjoint);
    try {
      for (let n = 0; n < 3; n++) await timed(client, `let warm${n} = ${n}`);
      const before = await checkerOf(client.pid);
      const times = [await timed(client, cell(1)), await timed(client, cell(2))];
      row(name, ...times.map(milliseconds), megabytes(before), megabytes(await checkerOf(client.pid)));
    } finally {
      await client.close();
    }
  }
}

async function main(): Promise<number> {
  const cells = Number(options.cells);
  const only = options.only?.split(",") ?? SESSIONS;
  if (options.help || !Number.isInteger(cells) || cells < 1 || !only.every((name) => SESSIONS.includes(name))) {
    console.error(`npm run bench:session -- [--cells 500] [--only ${SESSIONS.join(",")}]`);
    return options.help ? 0 : 64;
  }
  if (only.includes("mixed")) await session("mixed", mixed, cells);
  if (only.includes("dependent")) await session("dependent", dependent, cells);
  if (only.includes("imports")) await importing();
  return 0;
}

process.exitCode = await main();
