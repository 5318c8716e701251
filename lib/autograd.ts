// `autograd`: gradients on the tape of `backward()` as a result, not in `.grad`, under the name that PyTorch gives this
// (https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad.html). Functions are differentiated by `grad` and its like instead.

import { rootOf, seedOf, walkBack } from "./reverse.ts";
import { attachmentOf, type Node, silently } from "./tape.ts";
import { isTensor, type Tensor } from "./trace.ts";

/** How {@link grad} goes. */
export interface GradOptions {
  /** The cotangents of the outputs: needed for those that are not a single number. */
  readonly gradOutputs?: Tensor | readonly (Tensor | null)[];
  /** Keeps the graph for another walk. */
  readonly retainGraph?: boolean;
  /** Records the backward pass, so that gradients can be differentiated; keeps the graph. */
  readonly createGraph?: boolean;
  /** Gives null for an input on which no output depends, which is an error otherwise. */
  readonly allowUnused?: boolean;
}

function listOf<T>(given: T | readonly T[]): readonly T[] {
  return Array.isArray(given) ? (given as readonly T[]) : [given as T];
}

/**
 * The gradients of (the sum of) `outputs` with respect to each of `inputs`, each of the shape of its input; `.grad` stays as it is.
 * Inputs may be parameters or tensors that were computed on the way.
 *
 * @throws TypeError when a tensor needs no gradient; RangeError when an output is not a single number and has no cotangent; Error when the
 *   graph was freed, or an input plays no part and `allowUnused` is not set.
 * @example
 * const [dw, db] = autograd.grad(loss, [w, b]);
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options?: GradOptions & { readonly allowUnused?: false },
): Tensor[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions,
): (Tensor | null)[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  const ys = listOf(outputs);
  const xs = listOf(inputs);
  if (ys.length === 0 || ![...ys, ...xs].every(isTensor)) {
    throw new TypeError("autograd.grad: expected outputs and inputs, each a tensor or an array of tensors; for a function there is grad(f)"); // prettier-ignore
  }
  const { createGraph = false, retainGraph = createGraph, allowUnused = false, gradOutputs = [] } = options;
  const given = listOf(gradOutputs);
  const roots = ys.map((y) => rootOf("autograd.grad", y));
  const seeds = ys.map((y, k) => seedOf(y, given[k] ?? undefined, "autograd.grad"));
  const nodes = xs.map((x) => rootOf("autograd.grad", x));
  const found = new Map<Node, Tensor>();
  const watched = nodes.map((node) => {
    const hook = (g: Tensor): undefined => {
      found.set(node, g);
    };
    attachmentOf(node).hooks.add(hook);
    return () => attachmentOf(node).hooks.delete(hook);
  });
  try {
    const run = (): void => walkBack(roots, seeds, () => {}, retainGraph);
    if (createGraph) run();
    else silently(run);
  } finally {
    for (const forget of watched) forget();
  }
  return nodes.map((node, k) => {
    const g = found.get(node) ?? null;
    if (g === null && !allowUnused) {
      throw new Error(
        `autograd.grad: the outputs do not depend on input ${k}; pass {allowUnused: true} to get null for it`,
      );
    }
    return g;
  });
}
