// Loops whose memory is measured, each in a process of its own: what other tests have left in the heap, or in the memory of the backend,
// would be counted with it as it goes. Called with the name of one; prints what it left behind.

import { runInNewContext } from "node:vm";
import { setFlagsFromString } from "node:v8";
import { data, mseLoss, nn, noGrad, optim, randint, randn, seed, type Tensor } from "../../lib/index.ts";
import { state } from "../../lib/trace.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function used(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/**
 * The bytes that `count` calls of `f` leave behind, once it has run for a while: four times the least that a quarter of them left. What is
 * kept call by call is in every quarter, what the engine compiles late is not.
 */
function left(f: () => void, count: number, before = 5000): number {
  for (let k = 0; k < before; k++) f();
  let least = Infinity;
  for (let quarter = 0; quarter < 4; quarter++) {
    const start = used();
    for (let k = 0; k < count / 4; k++) f();
    least = Math.min(least, used() - start);
  }
  return 4 * least;
}

function memoryOfBackend(): number {
  return state.backend.memory?.bytes ?? 0;
}

function training(): () => Tensor {
  seed(1);
  const [x, y] = data.xor().tensors;
  const model = nn.sequential(nn.linear(2, 8), nn.sigmoid(), nn.linear(8, 1));
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  return () => {
    optimizer.zeroGrad();
    const loss = mseLoss(model.forward(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  };
}

const loops: Record<string, () => Record<string, number>> = {
  training: () => ({ steps: left(training(), 10_000) }),
  inference() {
    const [x] = data.xor().tensors;
    const model = nn.sequential(nn.linear(2, 64), nn.tanh(), nn.linear(64, 1));
    return { silent: left(() => noGrad(() => model.forward(x)), 5000), recorded: left(() => model.forward(x), 5000) };
  },
  backend() {
    seed(1);
    const model = nn.sequential(nn.linear(24, 40), nn.sigmoid(), nn.linear(40, 10));
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
    const [x, y] = [randn(32, 24), randint(0, 10, [32])];
    const losses = (): Tensor => nn.crossEntropy(model.forward(x), y);
    const step = (): void => {
      optimizer.zeroGrad();
      losses().backward();
      optimizer.step();
    };
    const first = left(step, 4000);
    const before = memoryOfBackend();
    return {
      first,
      step: left(step, 4000, 1000),
      inference: left(() => noGrad(() => model.forward(x)), 4000, 1000),
      losses: left(losses, 4000, 1000),
      chain: left(() => x.exp().mul(2).sum(), 4000, 1000),
      // The memory of the backend itself.
      grown: memoryOfBackend() - before,
    };
  },
  kept() {
    const step = training();
    const losses: Tensor[] = [];
    const bytes = left(() => losses.push(step()), 5000);
    return { bytes, finite: Number(losses.every((loss) => Number.isFinite(loss.item()))) };
  },
};

const loop = loops[process.argv[2] ?? ""];
if (loop === undefined) throw new RangeError(`there is no loop ${process.argv[2]}`);
process.stdout.write(JSON.stringify(loop()));
