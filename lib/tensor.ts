// What users call: puts the methods on the class. Loading this file makes tensors whole.

import { displayMethods } from "./display/methods.ts";
import { elementwiseMethods } from "./methods/elementwise.ts";
import { gradientMethods, gradientProperties } from "./methods/gradient.ts";
import { inPlaceMethods } from "./methods/in-place.ts";
import { reductionMethods } from "./methods/reduction.ts";
import { inspections, valueMethods, valueProperties } from "./methods/value.ts";
import { viewMethods } from "./methods/view.ts";
import "./primitives.ts";
import { reset, Tensor } from "./trace.ts";

for (const methods of [
  elementwiseMethods,
  reductionMethods,
  viewMethods,
  valueMethods,
  gradientMethods,
  inPlaceMethods,
  inspections,
  displayMethods,
]) {
  for (const key of Reflect.ownKeys(methods)) {
    const value: unknown = Reflect.get(methods, key);
    Object.defineProperty(Tensor.prototype, key, { value, writable: true, configurable: true });
  }
}
for (const properties of [gradientProperties, valueProperties]) {
  for (const [key, accessor] of Object.entries(properties)) {
    Object.defineProperty(Tensor.prototype, key, { ...accessor, configurable: true });
  }
}

// A kernel whose interrupt skips `finally` tells whatever a prelude exports under this name.
Object.defineProperty(Tensor, Symbol.for("adjoint.interrupted"), { value: reset });

export { Tensor };
