// Which backend computes: WebAssembly where there is any, else the reference.

import type { Backend } from "./backend.ts";
import { reference } from "./backend/reference.ts";
import { wasmBackend } from "./backend/wasm.ts";
import { state, useBackend } from "./trace.ts";

const made: Record<string, Backend | undefined> = { reference, wasm: wasmBackend() };
if (made["wasm"] !== undefined) useBackend(made["wasm"]);

/**
 * The backends there are here: "reference" everywhere, "wasm" where the engine has WebAssembly with SIMD.
 *
 * @example
 * backends() // reference,wasm
 */
export function backends(): string[] {
  return Object.keys(made).filter((name) => made[name] !== undefined);
}

/**
 * The name of the backend that computes.
 *
 * @example
 * if (getBackend() !== "wasm") console.log("plain loops, no SIMD");
 */
export function getBackend(): string {
  return state.backend.name;
}

/**
 * Chooses the backend that computes from now on. Results agree up to the rounding of f32.
 *
 * @throws RangeError for a backend that is not there.
 * @example
 * setBackend("reference");
 */
export function setBackend(name: string): void {
  const backend = Object.hasOwn(made, name) ? made[name] : undefined;
  if (backend === undefined)
    throw new RangeError(`setBackend: there is no ${name} here; there are ${backends().join(" and ")}`);
  useBackend(backend);
}

/**
 * The primitives that a backend leaves to the reference.
 *
 * @example
 * fallbacks("wasm"); // the names of those primitives
 */
export function fallbacks(name: string): string[] {
  const own = Object.hasOwn(made, name) ? made[name]?.kernels : undefined;
  return Object.keys(reference.kernels).filter((kernel) => own === undefined || !(kernel in own));
}
