// Looking on while a function computes.

import { state, type Watcher } from "../trace.ts";

/** Runs `f` while `watcher`, and whoever watched already, looks on. */
export function watching<R>(watcher: Watcher, f: () => R): R {
  const before = state.watcher;
  state.watcher = before === null ? watcher : both(before, watcher);
  try {
    return f();
  } finally {
    state.watcher = before;
  }
}

function both(a: Watcher, b: Watcher): Watcher {
  return {
    evaluated(name, inputs, output, params) {
      a.evaluated(name, inputs, output, params);
      b.evaluated(name, inputs, output, params);
    },
    recorded(node) {
      a.recorded?.(node);
      b.recorded?.(node);
    },
    backward(node, ct) {
      a.backward?.(node, ct);
      b.backward?.(node, ct);
    },
    freed(node) {
      a.freed?.(node);
      b.freed?.(node);
    },
  };
}
