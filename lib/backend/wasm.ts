// The WebAssembly backend: kernels in SIMD (their source is in wasm/kernels/) over one memory in which large arrays live. Whatever is
// too small to pay for a call, or is not among them, the reference backend does.

import type { Backend } from "../backend.ts";
import { elementwise } from "./wasm/elementwise.ts";
import { Engine, hasVectors, SIZES, type Sizes } from "./wasm/engine.ts";
import { linearAlgebra } from "./wasm/linear-algebra.ts";
import { movement } from "./wasm/movement.ts";
import { reduction } from "./wasm/reduction.ts";
import { updates } from "./wasm/update.ts";

/** The backend, or undefined where there is no WebAssembly with SIMD. Tests let it take also what is too small to pay. */
export function wasmBackend(sizes: Sizes = SIZES): Backend | undefined {
  if (!hasVectors()) return undefined;
  const engine = new Engine(sizes);
  return {
    name: "wasm",
    kernels: { ...elementwise(engine), ...reduction(engine), ...movement(engine), ...linearAlgebra(engine) },
    memory: engine,
    updates: updates(engine),
  };
}
