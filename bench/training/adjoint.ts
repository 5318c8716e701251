// This library in the training benchmark, as its users write it.

import { crossEntropy, mseLoss, nn, optim, tensor, type Tensor } from "../../lib/index.ts";
import { answer, type Contestant, nanoseconds, type Operations, type Trainer } from "./contestant.ts";
import { ADAM, type Network, SGD, type Start } from "./network.ts";

function open({ sizes, batch, loss: kind, optimizer }: Network, start: Start): Trainer {
  const layers = sizes.slice(1).flatMap((out, k): nn.Layer[] => {
    const linear = nn.linear(sizes[k] as number, out) as nn.Layer;
    return k < sizes.length - 2 ? [linear, nn.sigmoid()] : [linear];
  });
  const model = nn.sequential(...layers);
  const names = Object.keys(model.stateDict());
  model.loadStateDict(
    Object.fromEntries(
      names.map((name, k) => {
        const numbers: Tensor = tensor(start.parameters[k] as Float32Array);
        return [name, name.endsWith("weight") ? numbers.reshape([-1, sizes[k / 2] as number]) : numbers];
      }),
    ),
  );
  const x: Tensor = tensor(start.x).reshape([batch, -1]);
  const y: Tensor = kind === "mse" ? tensor(start.y).reshape([batch, -1]) : tensor(start.y).to("i32");
  const parameters = model.parameters();
  const { lr, beta1, beta2, eps } = ADAM;
  const trainer =
    optimizer === "SGD"
      ? new optim.SGD(parameters, SGD)
      : new optim.Adam(parameters, { lr, betas: [beta1, beta2], eps });
  let last: Tensor | undefined;
  return {
    step() {
      trainer.zeroGrad();
      const output = model.forward(x);
      last = kind === "mse" ? mseLoss(output, y) : crossEntropy(output, y);
      last.backward();
      trainer.step();
    },
    loss: () => (last as Tensor).item(),
  };
}

function operations(count: number): Operations {
  const one = tensor(1, { requiresGrad: true });
  const chain = (): Tensor => {
    let y: Tensor = one;
    for (let k = 0; k < count; k++) y = y.add(one);
    return y;
  };
  const recorded = nanoseconds(count, chain);
  const backward = nanoseconds(count, () => chain().backward());
  if (one.grad?.item() !== count + 1) throw new Error("the derivative of the chain is wrong");
  return { recorded, backward };
}

const adjoint: Contestant = { version: "", open, operations };
await answer(adjoint);
