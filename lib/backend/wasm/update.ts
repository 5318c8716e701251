// Steps of optimizers in one pass, for parameters that live in the memory anyway.

import type { Block, Storage, Updates } from "../../backend.ts";
import { sizeOf } from "../../shape.ts";
import type { Engine } from "./engine.ts";

/** Whether both lie dense and are large enough to live in the memory. */
function fit(engine: Engine, w: Block, g: Block): boolean {
  const dense = w.dtype === "f32" && g.dtype === "f32" && w.strides === null && g.strides === null;
  return dense && sizeOf(w.shape) * 4 >= engine.sizes.large;
}

export function updates(engine: Engine): Updates {
  const state = (storage: Storage | null): number => (storage === null ? 0 : engine.address(storage, "f32"));
  return {
    sgd(w, g, velocity, { lr, decay, momentum, part, nesterov }) {
      if (!fit(engine, w, g)) return false;
      engine.beginUpdate();
      const [to, from, v] = [engine.place(w), engine.place(g), state(velocity)];
      if (to === 0 || from === 0 || (velocity !== null && v === 0)) return false;
      engine.function("sgd_f32")(to, from, v, sizeOf(w.shape), lr, decay, momentum, part, nesterov ? 1 : 0);
      return true;
    },
    adam(w, g, means, squares, largest, { b1, b2, size, root, eps, keep, decay }) {
      if (!fit(engine, w, g)) return false;
      engine.beginUpdate();
      const [to, from] = [engine.place(w), engine.place(g)];
      const [m, s, l] = [state(means), state(squares), state(largest)];
      if (to === 0 || from === 0 || m === 0 || s === 0 || (largest !== null && l === 0)) return false;
      engine.function("adam_f32")(to, from, m, s, l, sizeOf(w.shape), b1, b2, size, root, eps, keep, decay);
      return true;
    },
  };
}
