// Derivatives from the library's tape. A gradient is shaped like its variable; the derivative of a column has a row for each of its numbers.

import { autograd, stack, type Tensor } from "adjoint";
import { coreOf, isNumber, type Value, valueOf } from "./values.ts";

/** More axes than a matrix has. */
export class TooManyAxes extends TypeError {}

/** @throws TypeError where nothing depends; TooManyAxes. `of`, `to` and `whole` are for the messages. */
export function derivativeOf(
  value: Value,
  variable: Tensor,
  { of, to, whole }: { of: string; to: string; whole: string },
): Value {
  const like = valueOf(variable);
  const [rows, columns] = coreOf(like);
  const [numbers, others] = coreOf(value);
  const flat = value.tensor.reshape([-1]);
  const gradients = Array.from({ length: flat.numel() }, (_, k) => {
    const y = flat.select(0, k);
    if (!y.requiresGrad) throw new TypeError(`${of} does not depend on ${to}`);
    const [gradient] = autograd.grad(y, [variable], { retainGraph: true, allowUnused: true });
    return gradient?.reshape([rows, columns]);
  });
  if (gradients.every((gradient) => gradient === undefined)) throw new TypeError(`${of} does not depend on ${to}`);
  const all = stack(
    gradients.map((gradient) => gradient ?? like.tensor.detach().mul(0)),
    0,
  );
  if (isNumber(value)) {
    const tensor = all.reshape([...value.tensor.shape.slice(0, -2), rows, columns]);
    return { tensor, indices: value.indices, isList: like.isList === true };
  }
  if (others === 1 && columns === 1 && value.indices.length === 0)
    return { tensor: all.reshape([numbers, rows]), indices: [] };
  throw new TooManyAxes(`${whole} has more than two axes`);
}

/** The gradient with respect to what `through` was made of, from that with respect to `through`: one link of a chain. */
export function pulledBack(gradient: Value, through: Tensor, variable: Tensor): Value | undefined {
  if (gradient.indices.length > 0 || gradient.tensor.numel() !== through.numel()) return undefined;
  const gradOutputs = gradient.tensor.reshape(through.shape).detach();
  const [found] = autograd.grad(through, [variable], { gradOutputs, retainGraph: true, allowUnused: true });
  return found === null || found === undefined ? undefined : valueOf(found);
}
