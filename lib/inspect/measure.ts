// Counting what a computation costs. The counts depend on the computation alone, not on the machine, the engine or its garbage collector,
// so that a lesson can state them.

import type { KernelName, ViewParams } from "../backend.ts";
import { BYTES } from "../dtype.ts";
import { sizeOf } from "../shape.ts";
import { Node } from "../tape.ts";
import type { Tensor, Tracer } from "../trace.ts";
import { views } from "../views.ts";
import { watching } from "./watch.ts";

/** What a computation cost. */
export interface Cost<R> {
  /** What the function returned. */
  readonly result: R;
  /** How often each primitive was evaluated. */
  readonly calls: Readonly<Record<string, number>>;
  /** How often any primitive was evaluated; views are not counted, since they compute nothing. */
  readonly primitives: number;
  /** Additions, multiplications and evaluations of elementary functions; a product of an m × k and a k × n matrix counts 2mkn. */
  readonly flops: number;
  /** Operations recorded on a tape. */
  readonly nodes: number;
  /** Bytes that the tape kept for the backward pass, at most. */
  readonly keptBytes: number;
  /** The most bytes needed at once: those kept for the backward pass, and the result of the operation at work. */
  readonly peakBytes: number;
}

function bytesOf(x: Tensor): number {
  return sizeOf(x.shape) * BYTES[x.dtype];
}

function flopsOf(name: string, inputs: readonly Tensor[], output: Tensor, params: unknown): number {
  const size = sizeOf(output.shape);
  const [x] = inputs;
  const read = x === undefined ? size : sizeOf(x.shape);
  switch (name as KernelName | keyof ViewParams) {
    case "matmul": {
      const { ta } = params as { ta: boolean };
      const inner = x?.shape[x.shape.length - (ta ? 2 : 1)] ?? 1;
      return 2 * size * inner;
    }
    case "linear":
      return 2 * size * (x?.shape[1] ?? 1) + size;
    case "sum":
    case "mean":
    case "amax":
    case "amin":
    case "argmax":
    case "argmin":
    case "fold":
      return read;
    case "logsumexp":
    case "norm":
      return 2 * read;
    case "softmax":
    case "logSoftmax":
    case "recurrence":
      return 3 * size;
    case "inverse":
    case "solve":
    case "det":
    case "cholesky": {
      const n = x?.shape.at(-1) ?? 1;
      return Math.round((read * n * 2) / 3);
    }
    case "cast":
    case "copy":
    case "pad":
    case "cat":
    case "gather":
      return 0;
    default:
      return name in views ? 0 : size;
  }
}

/**
 * Runs `f` and counts what it costs.
 *
 * @example
 * measure(() => grad(f)(x)).flops
 * measure(() => jvp(f, [x], [v])).nodes // 0: forward accumulation keeps no tape
 */
export function measure<R>(f: () => R): Cost<R> {
  const calls: Record<string, number> = {};
  const kept = new Map<Node, number>();
  let primitives = 0;
  let flops = 0;
  let nodes = 0;
  let live = 0;
  let keptBytes = 0;
  let peakBytes = 0;
  const holders = new Map<object, number>();
  const hold = (x: Tensor): number => {
    const count = holders.get(x.storage) ?? 0;
    holders.set(x.storage, count + 1);
    return count === 0 ? bytesOf(x) : 0;
  };
  const result = watching(
    {
      evaluated(name, inputs, output, params) {
        if (!(name in views)) {
          calls[name] = (calls[name] ?? 0) + 1;
          primitives++;
          flops += flopsOf(name, inputs, output, params);
        }
        peakBytes = Math.max(peakBytes, live + (name in views ? 0 : bytesOf(output)));
      },
      recorded(tracer: Tracer) {
        if (!(tracer instanceof Node)) return;
        nodes++;
        const reads = tracer.primitive?.derivative?.reads;
        if (reads === undefined) return;
        let bytes = 0;
        if (reads.inputs) for (const x of tracer.inputs) bytes += hold(x);
        if (reads.output) bytes += hold(tracer.value);
        kept.set(tracer, bytes);
        live += bytes;
        keptBytes = Math.max(keptBytes, live);
        peakBytes = Math.max(peakBytes, live);
      },
      freed(tracer: Tracer) {
        live -= kept.get(tracer as Node) ?? 0;
        kept.delete(tracer as Node);
      },
    },
    f,
  );
  return { result, calls, primitives, flops, nodes, keptBytes, peakBytes };
}
