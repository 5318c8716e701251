// The closed table: one rule for each primitive, and a primitive without one does not compile. Loading this file gives the rules to the
// primitives, so that traces find them there.

import type { PrimitiveName } from "./backend.ts";
import { elementwise } from "./primitives/elementwise.ts";
import { linearAlgebra } from "./primitives/linear-algebra.ts";
import { movement } from "./primitives/movement.ts";
import { reduction } from "./primitives/reduction.ts";
import type { Pull, Rule } from "./primitives/rule.ts";
import { allPrimitives, type Primitive, type Tensor } from "./trace.ts";

export const rules: { readonly [N in PrimitiveName]: Rule<N> } = {
  ...elementwise,
  ...reduction,
  ...movement,
  ...linearAlgebra,
};

// Behind the table, where each rule was checked against its primitive's inputs and parameters, one loop treats all alike.
type AnyPull = Pull<readonly Tensor[], unknown>;
interface AnyRule {
  readonly jvp:
    | ((
        tangents: readonly (Tensor | null)[],
        inputs: readonly Tensor[],
        y: Tensor,
        params: unknown,
        self: Primitive<unknown>,
      ) => Tensor | null)
    | null;
  readonly vjp: AnyPull | readonly (AnyPull | null)[] | null;
  readonly reads?: { inputs: boolean; output: boolean };
  readonly batch: (
    self: Primitive<unknown>,
    inputs: readonly Tensor[],
    batched: readonly boolean[],
    size: number,
    params: unknown,
  ) => Tensor;
}

function install(self: Primitive<unknown>, rule: AnyRule): void {
  const { jvp, vjp, reads, batch } = rule;
  self.batch = (inputs, batched, size, params) => batch(self, inputs, batched, size, params);
  if (jvp === null || vjp === null || reads === undefined) return;
  self.derivative = { jvp: (tangents, inputs, y, params) => jvp(tangents, inputs, y, params, self), vjp, reads };
}

const made = allPrimitives();
for (const [name, rule] of Object.entries(rules)) {
  const self = made.get(name);
  if (self === undefined) throw new Error(`internal: no operation uses the primitive ${name}`);
  install(self as unknown as Primitive<unknown>, rule as unknown as AnyRule);
}
