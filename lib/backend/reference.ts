// The reference backend: plain loops that accumulate in f64, whatever the type of the elements. It has every kernel, is right before
// it is fast, and is the oracle for the others.

import type { Backend, Kernels } from "../backend.ts";
import { elementwise } from "./reference/elementwise.ts";
import { linearAlgebra } from "./reference/linear-algebra.ts";
import { movement } from "./reference/movement.ts";
import { reduction } from "./reference/reduction.ts";

const kernels: Kernels = { ...elementwise, ...reduction, ...movement, ...linearAlgebra };

export const reference: Backend & { readonly kernels: Kernels } = { name: "reference", kernels };
