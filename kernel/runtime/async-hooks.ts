// Node checks that the stack of asynchronous contexts is balanced and aborts the process when it is not. Terminating JavaScript
// leaves it unbalanced, since termination skips the code that pops. So the checks are off from the moment an interrupt decides
// to terminate until the main thread is back in its event loop, where the stack is emptied and the checks return.

import { createRequire } from "node:module";
import { inspect } from "node:util";

interface AsyncWrap {
  async_hook_fields: Uint32Array;
  constants: { kCheck: number; kTotals: number };
  clearAsyncIdStack(): void;
}

/**
 * Nothing that Node documents reaches these two counters; `--expose-internals` (kernel/launch.ts) opens what Node's own tests use.
 * `process.binding`, which needs no option, has no `async_wrap` from Node 24 on.
 */
function asyncWrap(): AsyncWrap {
  const { internalBinding } = createRequire(import.meta.url)("internal/test/binding") as {
    internalBinding(name: "async_wrap"): AsyncWrap;
  };
  return internalBinding("async_wrap");
}

const { async_hook_fields: fields, constants, clearAsyncIdStack } = asyncWrap();
let saved: { check: number; totals: number } | undefined;

/** Call on the main thread right before its JavaScript is terminated. */
export function suspendChecks(): void {
  if (saved !== undefined) return;
  saved = { check: fields[constants.kCheck] ?? 0, totals: fields[constants.kTotals] ?? 0 };
  fields[constants.kCheck] = 0;
  fields[constants.kTotals] = 0;
}

/** Call on the main thread, directly from an event; tells whether there was a termination to recover from. */
export function restoreChecks(): boolean {
  if (saved === undefined) return false;
  clearAsyncIdStack();
  fields[constants.kCheck] = saved.check;
  fields[constants.kTotals] = saved.totals;
  saved = undefined;
  return true;
}

/**
 * Keeps out of sight what AsyncLocalStorage notes on each promise (before Node 24): users look at their promises.
 */
export function hidePromiseContext(): void {
  const { prototype }: { prototype: object } = Promise;
  Object.defineProperty(prototype, inspect.custom, {
    value(this: object) {
      for (const symbol of Object.getOwnPropertySymbols(this)) {
        if (!/^(async_id_symbol|trigger_async_id_symbol|kResourceStore)$/.test(symbol.description ?? "")) continue;
        Object.defineProperty(this, symbol, { enumerable: false });
      }
      return this;
    },
    configurable: true,
    writable: true,
  });
}
