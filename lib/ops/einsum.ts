// Einstein's summation: letters name axes, letters that the output lacks are summed over. Each operand is brought to its letters
// (diagonals for repeated ones), then operands are multiplied pairwise as batched matrix products.

import { type Shape, show } from "../shape.ts";
import type { Tensor } from "../trace.ts";
import { multiply } from "./linear-algebra.ts";
import { pair } from "./operand.ts";
import { sum } from "./reduction.ts";
import { diagonal } from "./diagonal.ts";
import { moveAxis, permute, reshape } from "./view.ts";

interface Term {
  readonly letters: string;
  readonly x: Tensor;
}

/**
 * The sum of products that the equation describes, for one operand or more; `...` is not supported.
 *
 * @throws RangeError for letters that do not fit the operands.
 * @example
 * einsum("ij,jk->ik", a, b) // the matrix product
 * einsum("ii->", a) // the trace
 */
export function einsum(equation: string, ...operands: Tensor[]): Tensor {
  const [left = "", right] = equation.replaceAll(" ", "").split("->");
  const inputs = left.split(",");
  if (inputs.length !== operands.length || !inputs.every((letters) => /^[A-Za-z]*$/.test(letters))) {
    throw new RangeError(`einsum: "${equation}" names ${inputs.length} operands by letters, got ${operands.length}`);
  }
  const sizes = new Map<string, number>();
  inputs.forEach((letters, k) => {
    const { shape } = operands[k] as Tensor;
    if (letters.length !== shape.length) {
      throw new RangeError(`einsum: "${letters}" does not fit ${show(shape)} in "${equation}"`);
    }
    [...letters].forEach((letter, axis) => {
      const size = shape[axis] as number;
      if ((sizes.get(letter) ?? size) !== size) {
        throw new RangeError(`einsum: "${letter}" is ${sizes.get(letter)} and ${size} in "${equation}"`);
      }
      sizes.set(letter, size);
    });
  });
  // Without an arrow: the letters that occur once, in alphabetic order.
  const joined = inputs.join("");
  const output =
    right ??
    [...new Set(joined)]
      .filter((c) => joined.indexOf(c) === joined.lastIndexOf(c))
      .sort()
      .join("");
  if ([...output].some((c, k) => !sizes.has(c) || output.indexOf(c) !== k)) {
    throw new RangeError(`einsum: the output "${output}" must name letters of "${left}", each once`);
  }
  let terms: Term[] = inputs.map((letters, k) => withoutRepeats({ letters, x: operands[k] as Tensor }));
  while (terms.length > 1) {
    const [a, b, ...rest] = terms as [Term, Term, ...Term[]];
    terms = [contract(a, b, output + rest.map(({ letters }) => letters).join("")), ...rest];
  }
  const only = summed(terms[0] as Term, output);
  return permute(
    only.x,
    [...output].map((letter) => only.letters.indexOf(letter)),
  );
}

/** Takes diagonals until each letter occurs once. */
function withoutRepeats({ letters, x }: Term): Term {
  const second = [...letters].findIndex((letter, k) => letters.indexOf(letter) !== k);
  if (second < 0) return { letters, x };
  const first = letters.indexOf(letters[second] as string);
  const last = moveAxis(moveAxis(x, second, -1), first, -2);
  const others = [...letters].filter((_, k) => k !== first && k !== second).join("");
  return withoutRepeats({ letters: others + letters[second], x: diagonal(last) });
}

/** Sums over the letters that are not in `kept`. */
function summed({ letters, x }: Term, kept: string): Term {
  const axes = [...letters].flatMap((letter, k) => (kept.includes(letter) ? [] : [k]));
  if (axes.length === 0) return { letters, x };
  return { letters: [...letters].filter((letter) => kept.includes(letter)).join(""), x: sum(x, axes) };
}

/** The product of two terms, summed over the letters that neither `kept` nor anything else needs. */
function contract(a: Term, b: Term, kept: string): Term {
  const left = summed(a, kept + b.letters);
  const right = summed(b, kept + a.letters);
  const shared = [...left.letters].filter((c) => right.letters.includes(c));
  const batch = shared.filter((c) => kept.includes(c));
  const inner = shared.filter((c) => !kept.includes(c));
  const rows = [...left.letters].filter((c) => !shared.includes(c));
  const columns = [...right.letters].filter((c) => !shared.includes(c));
  const [x, y] = pair("einsum", left.x, right.x);
  const size = (term: Term, letters: string[]): number[] =>
    letters.map((c) => term.x.shape[term.letters.indexOf(c)] as number);
  const count = (sizes: number[]): number => sizes.reduce((product, n) => product * n, 1);
  const arranged = (term: Term, t: Tensor, order: string[]): Tensor =>
    permute(
      t,
      order.map((c) => term.letters.indexOf(c)),
    );
  const batchSizes = size(left, batch);
  const rowSizes = size(left, rows);
  const columnSizes = size(right, columns);
  const k = count(size(left, inner));
  const lhs = reshape(arranged(left, x, [...batch, ...rows, ...inner]), [...batchSizes, count(rowSizes), k] as Shape);
  const rhs = reshape(arranged(right, y, [...batch, ...inner, ...columns]), [
    ...batchSizes,
    k,
    count(columnSizes),
  ] as Shape);
  const product = reshape(multiply(lhs, rhs), [...batchSizes, ...rowSizes, ...columnSizes] as Shape);
  return { letters: [...batch, ...rows, ...columns].join(""), x: product };
}
