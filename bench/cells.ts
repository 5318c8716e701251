// `npm run bench:cells`: how fast the variables of cells are. The same loops run in cells, in the runtime process of a session, and as the
// body of a function in a plain `node`, each in turn, so that drift of the machine hits both alike; medians, and their ratios.
// Nothing here asserts a time: read it, on a machine that is otherwise quiet.
import { execFile } from "node:child_process";
import { cpus } from "node:os";
import { parseArgs, promisify } from "node:util";
import { createSession } from "../kernel/session.ts";
import { median, renderTable, type Row } from "./table.ts";

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "7" },
    additions: { type: "string", default: "100000000" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const usage = `npm run bench:cells -- [--runs ${options.runs}] [--additions ${options.additions}]
  --runs       how many times each loop runs
  --additions  how many additions a loop makes`;

interface Loop {
  name: string;
  /** Cells that come before, and the timed one; `N` stands for the number of additions. */
  cells(number: string): string[];
}

/** What a loop adds again and again. */
const numbers = [
  ["doubles", "0.5"],
  ["integers", "1"],
] as const;

const loops: Loop[] = [
  {
    name: "variables of the same cell",
    cells: (x) => [`let sum = 0; const n = N; for (let i = 0; i < n; i++) sum += ${x};`],
  },
  {
    name: "… and var i",
    cells: (x) => [`let sum = 0; const n = N; for (var i = 0; i < n; i++) sum += ${x};`],
  },
  {
    name: "variables of an earlier cell",
    cells: (x) => [`let sum = 0, x = ${x}; const n = N;`, "for (let i = 0; i < n; i++) sum += x;"],
  },
  {
    name: "a function of the same cell",
    cells: (x) => [`let sum = 0; const add = (y) => y + ${x}; for (let i = 0; i < N; i++) sum = add(sum);`],
  },
  {
    name: "a function of an earlier cell",
    cells: (x) => [`let sum = 0; function add(y) { return y + ${x}; }`, "for (let i = 0; i < N; i++) sum = add(sum);"],
  },
  {
    name: "… that reads a variable",
    cells: (x) => [
      `let sum = 0, x = ${x};`,
      "function add(y) { return y + x; }",
      "for (let i = 0; i < N; i++) sum = add(sum);",
    ],
  },
  {
    name: "… that assigns to a variable",
    cells: (x) => [`let sum = 0;`, `function add() { sum += ${x}; }`, "for (let i = 0; i < N; i++) add();"],
  },
  {
    name: "a variable that a function reads",
    cells: (x) => [`let sum = 0; const get = () => sum;`, `for (let i = 0; i < N; i++) sum += ${x};`],
  },
  {
    name: "a loop in a function, over variables",
    cells: (x) => [
      `let sum = 0; const n = N;`,
      `function run() { for (let i = 0; i < n; i++) sum += ${x}; }`,
      "run();",
    ],
  },
];

const clock = "const began = performance.now();";
const read = "performance.now() - began";

/** The last cell is timed, in a session where nothing else has happened: what a function has ever used stays slower. */
async function inCells(cells: readonly string[]): Promise<number> {
  let shown = "";
  const session = createSession<null>({
    onOutput: (output) => {
      if (output.type === "execute_result") shown = String(output.data["text/plain"]);
    },
    onInput: () => Promise.resolve(null),
  });
  try {
    for (const cell of [...cells.slice(0, -1), `${clock} ${cells.at(-1)} ${read}`]) {
      const reply = await session.execute(cell, { origin: null, executionCount: 1 });
      if (reply.status !== "ok") throw new Error(`${cell}: ${reply.evalue}`);
    }
  } finally {
    await session.close();
  }
  return Number(shown);
}

async function inNode(cells: readonly string[]): Promise<number> {
  const body = `${cells.slice(0, -1).join(" ")} ${clock} ${cells.at(-1)} return ${read};`;
  const code = `"use strict"; console.log((function () { ${body} })())`;
  return Number((await promisify(execFile)(process.execPath, ["-e", code])).stdout);
}

/** Progress goes to stderr, so that the table can be redirected. */
function progress(line: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
}

async function main(): Promise<number> {
  const runs = Number(options.runs);
  const additions = Number(options.additions);
  if (options.help || ![runs, additions].every((number) => Number.isInteger(number) && number > 0)) {
    console.error(usage);
    return options.help ? 0 : 64;
  }
  const samples = new Map<string, { node: number[]; cells: number[] }>();
  for (let run = 1; run <= runs; run++)
    for (const [kind, number] of numbers)
      for (const { name, cells } of loops) {
        const row = `${kind}, ${name}`;
        progress(`round ${run} of ${runs}: ${row}`);
        const code = cells(number).map((cell) => cell.replaceAll("N", String(additions)));
        const both = samples.get(row) ?? { node: [], cells: [] };
        samples.set(row, both);
        both.node.push(await inNode(code));
        both.cells.push(await inCells(code));
      }
  progress(process.stderr.isTTY ? "" : "done");
  const rows = Array.from(samples, ([name, { node, cells }]): Row => {
    const figures = new Map([
      ["node", { value: median(node), samples: node }],
      ["cells", { value: median(cells), samples: cells }],
    ]);
    return { name, unit: "ms", figures };
  });
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
  console.log(
    `${machine}\n${additions.toLocaleString("en")} additions; ratios to plain node, and medians of ${runs}\n`,
  );
  console.log(
    renderTable(rows, [
      ["node", "plain node"],
      ["cells", "cells"],
    ]),
  );
  return 0;
}

process.exitCode = await main();
