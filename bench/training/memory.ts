// What 10,000 synchronous steps leave behind, in a process of its own (started with --expose-gc), which prints one line of JSON for each
// way to use the library: bytes before, after, and those that what was kept needs.

import { mseLoss, nn, noGrad, optim, rand, seed, type Tensor } from "../../lib/index.ts";

/** Bytes: what the process holds of the machine's memory, the heap, and arrays beside it (WebAssembly's memory included). */
interface Use {
  readonly rss: number;
  readonly heap: number;
  readonly arrays: number;
}

export interface Report {
  readonly name: string;
  readonly count: number;
  readonly before: Use;
  readonly after: Use;
  /** Tensors kept, each of so many elements, and whether all were right at the end. */
  readonly kept?: { readonly elements: number; readonly right: boolean };
}

const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error("start this with --expose-gc");

function use(): Use {
  collect?.();
  collect?.();
  const { rss, heapUsed, arrayBuffers, external } = process.memoryUsage();
  return { rss, heap: heapUsed, arrays: Math.max(arrayBuffers, external) };
}

const COUNT = 10_000;
/** The pool of arrays takes what it is allowed to before it recycles, and compilers come to rest. */
const WARM = 10_000;

function report(name: string, f: (k: number) => void, kept?: () => Report["kept"]): void {
  for (let k = 0; k < WARM; k++) f(-1);
  const before = use();
  for (let k = 0; k < COUNT; k++) f(k);
  const after = use();
  const right = kept?.();
  const line: Report = { name, count: COUNT, before, after, ...(right === undefined ? {} : { kept: right }) };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

seed(1);
const BATCH = 64;
const x = rand([BATCH, 16]);
const y = rand([BATCH, 8]);
const model = nn.sequential(nn.linear(16, 64), nn.sigmoid(), nn.linear(64, 8));
const optimizer = new optim.Adam(model.parameters());

function step(): { loss: Tensor; output: Tensor } {
  optimizer.zeroGrad();
  const output = model.forward(x);
  const loss = mseLoss(output, y);
  loss.backward();
  optimizer.step();
  return { loss, output };
}

report("training", () => step());
report("inference in noGrad", () => noGrad(() => model.forward(x)));
report("inference while recording", () => model.forward(x));

const losses: Tensor[] = [];
const numbers: number[] = [];
report(
  "training, every loss kept",
  (k) => {
    const { loss } = step();
    if (k < 0) return;
    losses.push(loss);
    numbers.push(loss.item());
  },
  () => ({ elements: 1, right: losses.every((loss, k) => loss.item() === numbers[k]) }),
);

const outputs: Tensor[] = [];
const sums: number[] = [];
report(
  "training, every output kept",
  (k) => {
    const { output } = step();
    if (k < 0) return;
    outputs.push(output);
    sums.push(noGrad(() => output.sum().item()));
  },
  () => ({ elements: BATCH * 8, right: outputs.every((output, k) => noGrad(() => output.sum().item()) === sums[k]) }),
);
