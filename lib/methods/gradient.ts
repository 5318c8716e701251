// Gradients as PyTorch's users expect them: `requiresGrad`, `backward()`, `.grad`, hooks.

import { cast } from "../ops/operand.ts";
import { backward, type BackwardOptions } from "../reverse.ts";
import { sameShape, type Shaped, show } from "../shape.ts";
import { attachmentOf, bottomNode, gradOf, makeLeaf, type Node, setGrad } from "../tape.ts";
import { isTensor, type Tensor } from "../trace.ts";

function nodeFor(call: string, x: Tensor): Node {
  const node = bottomNode(x);
  if (node === null) throw new TypeError(`${call}: this tensor needs no gradient; make it with {requiresGrad: true}`);
  return node;
}

function backwardFrom(this: Tensor, gradient: Tensor, options?: BackwardOptions): void;
function backwardFrom(this: Tensor, options?: BackwardOptions): void;
function backwardFrom(this: Tensor, given?: Tensor | BackwardOptions, options?: BackwardOptions): void {
  backward(this, isTensor(given) ? { ...options, gradient: given } : given);
}

export const gradientMethods = {
  /**
   * Computes the gradient of this single number with respect to every tensor with `requiresGrad` that it was computed from, and adds it
   * to their `.grad`.
   *
   * @throws RangeError for more than one number without `gradient`; TypeError when nothing needs a gradient; Error when the graph was
   *   freed, or a tensor it needs was changed in place.
   * @example
   * loss.backward();
   * w.grad // ∂loss/∂w
   * y.backward(ones([3])); // the cotangent of y, which may also be an option
   */
  backward: backwardFrom,
  /**
   * Makes this tensor a parameter whose gradient `backward()` computes (or, with false, a constant again).
   *
   * @throws TypeError for whole numbers, and for a tensor that was computed from others.
   */
  requiresGrad_<X extends Shaped>(this: X & Tensor, needed = true): Tensor<X["shape"]> {
    setRequiresGrad(this, needed);
    return this;
  },
  /** Keeps `.grad` also for a tensor that was computed from others. */
  retainGrad(this: Tensor): void {
    attachmentOf(nodeFor("retainGrad", this)).keepsGrad = true;
  },
  /** Forgets `.grad`, so that the next `backward()` starts anew. */
  zeroGrad(this: Tensor): void {
    const node = bottomNode(this);
    if (node?.attached !== undefined && node.attached !== null) setGrad(node.attached, null);
  },
  /**
   * Calls `hook` with this tensor's gradient in each `backward()`; what it returns, if anything, takes its place. The result removes it.
   *
   * @throws TypeError when the tensor needs no gradient.
   * @example
   * const remove = x.registerHook((g) => g.clamp(-1, 1));
   */
  registerHook(this: Tensor, hook: (grad: Tensor) => Tensor | undefined | void): () => void {
    const { hooks } = attachmentOf(nodeFor("registerHook", this));
    const own = (g: Tensor): Tensor | undefined => hook(g) ?? undefined;
    hooks.add(own);
    return () => {
      hooks.delete(own);
    };
  },
};

function setRequiresGrad(x: Tensor, needed: boolean): void {
  const node = bottomNode(x);
  if (needed) makeLeaf("requiresGrad", x);
  else if (node === null) return;
  else if (node.primitive !== null) {
    throw new TypeError("requiresGrad: this tensor was computed from others; x.detach() gives it as a constant");
  } else x.tracer = null;
}

/** What stands beside the methods. */
export interface GradientProperties {
  /** The gradient that `backward()` added up; null before. */
  grad: Tensor | null;
  /** Whether a gradient flows to this tensor. */
  requiresGrad: boolean;
  /** Whether it was not computed from tensors that need gradients. */
  readonly isLeaf: boolean;
}

export const gradientProperties = {
  grad: {
    get(this: Tensor): Tensor | null {
      const grad = gradOf(this);
      if (grad !== null) grad.storage.temporary = false;
      return grad;
    },
    set(this: Tensor, value: Tensor | null) {
      if (value !== null && !sameShape(value.shape, this.shape)) {
        throw new RangeError(
          `grad: a gradient has the shape of its tensor, ${show(this.shape)}, not ${show(value.shape)}`,
        );
      }
      setGrad(attachmentOf(nodeFor("grad", this)), value === null ? null : cast(value, this.dtype));
    },
  },
  requiresGrad: {
    get(this: Tensor): boolean {
      return bottomNode(this) !== null;
    },
    set(this: Tensor, needed: boolean) {
      setRequiresGrad(this, needed);
    },
  },
  isLeaf: {
    get(this: Tensor): boolean {
      return (bottomNode(this)?.primitive ?? null) === null;
    },
  },
};

export type GradientMethods = typeof gradientMethods & GradientProperties;
