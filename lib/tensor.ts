// What users call: puts the methods on the class. Loading this file makes tensors whole.

import { displayMethods } from "./display/methods.ts";
import { elementwiseMethods } from "./methods/elementwise.ts";
import { gradientMethods, gradientProperties } from "./methods/gradient.ts";
import { inPlaceMethods } from "./methods/in-place.ts";
import { reductionMethods } from "./methods/reduction.ts";
import { inspections, valueMethods, valueProperties } from "./methods/value.ts";
import { viewMethods, viewProperties } from "./methods/view.ts";
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
for (const properties of [gradientProperties, valueProperties, viewProperties]) {
  for (const [key, accessor] of Object.entries(properties)) {
    Object.defineProperty(Tensor.prototype, key, { ...accessor, configurable: true });
  }
}

// Brackets cannot index a tensor; without this they would give undefined, or set what nobody reads.
for (const index of [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
  const refuse = (instead: string) => (): never => {
    throw new TypeError(`x[${index}]: brackets do not index a tensor; use ${instead}`);
  };
  Object.defineProperty(Tensor.prototype, index, {
    get: refuse(`x.at(${index})`),
    set: refuse(`x.at(${index}).copy_(value), x.at(${index}).fill_(number)`),
    configurable: true,
  });
  Object.defineProperty(Tensor.prototype.at, index, {
    get: (): never => {
      throw new TypeError(
        `x.at[${index}]: at is a method; x.at(${index}) is what is there, x.at(${index}).fill_(2) changes it`,
      );
    },
    configurable: true,
  });
}

// A kernel whose interrupt skips `finally` tells whatever a prelude exports under this name.
Object.defineProperty(Tensor, Symbol.for("adjoint.interrupted"), { value: reset });

export { Tensor };
