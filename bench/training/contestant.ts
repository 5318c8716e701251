// What a contestant of the training benchmark does, each in a process of its own: it answers requests, one line of JSON each, on stdin
// and stdout. pytorch.py speaks the same.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { type Network, type Start, takeApart } from "./network.ts";

/** One network being trained. */
export interface Trainer {
  /** One step; it may leave its loss to be computed later. */
  step(): void;
  /** The loss of the last step, before it changed the parameters; whatever was left for later is done then. */
  loss(): number | Promise<number>;
}

/** What a request for small operations gives, each of `count` in a row, in nanoseconds. */
export interface Operations {
  /** A recorded addition of single numbers. */
  readonly recorded: number;
  /** The same with the backward pass. */
  readonly backward: number;
}

export interface Contestant {
  readonly version: string;
  open(network: Network, start: Start): Trainer;
  /** Time of a chain of `count` additions; undefined where there are no tensors. */
  operations?(count: number): Operations;
}

export type Request =
  | { readonly do: "open"; readonly network: Network; readonly file: string }
  | { readonly do: "losses"; readonly steps: number }
  | { readonly do: "time"; readonly steps: number }
  | { readonly do: "operations"; readonly count: number };

/** Answers requests until stdin ends. */
export async function answer(contestant: Contestant): Promise<void> {
  let trainer: Trainer | undefined;
  const reply = (value: unknown): void => {
    process.stdout.write(`${JSON.stringify(value)}\n`);
  };
  const opened = (): Trainer => {
    if (trainer === undefined) throw new Error("no network is open");
    return trainer;
  };
  reply({ version: contestant.version });
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    switch (request.do) {
      case "open": {
        const bytes = readFileSync(request.file);
        const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
        trainer = contestant.open(request.network, takeApart(request.network, numbers));
        reply({});
        break;
      }
      case "losses": {
        const losses: number[] = [];
        for (let k = 0; k < request.steps; k++) {
          opened().step();
          losses.push(await opened().loss());
        }
        reply({ losses });
        break;
      }
      case "time": {
        const { step, loss } = opened();
        const begun = performance.now();
        for (let k = 0; k < request.steps; k++) step();
        await loss();
        reply({ microseconds: ((performance.now() - begun) * 1000) / request.steps });
        break;
      }
      case "operations":
        reply(contestant.operations?.(request.count) ?? {});
        break;
    }
  }
}

/** Nanoseconds of each of `count` that `f` does. */
export function nanoseconds(count: number, f: () => void): number {
  const begun = performance.now();
  f();
  return ((performance.now() - begun) * 1e6) / count;
}
