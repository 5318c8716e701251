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
 * The sum of products that the equation describes, for one operand or more. `...` stands for all axes that no letter names; they broadcast.
 *
 * @throws RangeError for letters that do not fit the operands.
 * @example
 * einsum("ij,jk->ik", a, b) // the matrix product
 * einsum("ii->", a) // the trace
 * einsum("...ij,...jk->...ik", ones([5, 2, 3]), ones([3, 4])) // shape [5, 2, 4]
 */
export function einsum(equation: string, ...operands: Tensor[]): Tensor {
  const [written = "", result] = equation.replaceAll(" ", "").split("->");
  const terms = written.split(",");
  if (terms.length !== operands.length)
    throw new RangeError(`einsum: "${equation}" names ${terms.length} operands, got ${operands.length}`);
  if (![...terms, result ?? ""].every((letters) => /^[A-Za-z]*(?:\.{3})?[A-Za-z]*$/.test(letters)))
    throw new RangeError(`einsum: "${equation}" may hold letters, one ... for each operand, commas and an arrow`);
  const spread = spreadEllipses(terms, operands);
  const right = result?.replace("...", spread.ellipsis);
  const inputs = spread.terms.map(({ letters }) => letters);
  const sizes = new Map<string, number>();
  inputs.forEach((letters, k) => {
    const { shape } = (spread.terms[k] as Term).x;
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
  // Without an arrow: the letters that occur once, in alphabetic order, behind what broadcasts.
  const joined = terms.join("").replaceAll(".", "");
  const once = [...new Set(joined)].filter((c) => joined.indexOf(c) === joined.lastIndexOf(c)).sort();
  const output = right ?? spread.ellipsis + once.join("");
  if ([...output].some((c, k) => !sizes.has(c) || output.indexOf(c) !== k)) {
    throw new RangeError(`einsum: the output "${String(result)}" must name letters of "${written}", each once`);
  }
  let left: Term[] = spread.terms.map(withoutRepeats);
  while (left.length > 1) {
    const [a, b, ...rest] = left as [Term, Term, ...Term[]];
    left = [contract(a, b, output + rest.map(({ letters }) => letters).join("")), ...rest];
  }
  const only = summed(left[0] as Term, output);
  return permute(
    only.x,
    [...output].map((letter) => only.letters.indexOf(letter)),
  );
}

/** Letters that nobody writes, for the axes behind `...`, the last one first. */
const HIDDEN = [..."αβγδεζηθικλμνξοπρστυφχψω"];

/** Gives the axes behind each `...` letters, the same from the last one on; an axis that only broadcasts is left out. */
function spreadEllipses(terms: readonly string[], operands: readonly Tensor[]): { terms: Term[]; ellipsis: string } {
  const counts = terms.map((letters, k) =>
    letters.includes("...") ? Math.max(0, (operands[k] as Tensor).shape.length - letters.length + 3) : 0,
  );
  const rank = Math.max(0, ...counts);
  if (rank > HIDDEN.length)
    throw new RangeError(`einsum: ... stands for ${rank} axes, which is more than ${HIDDEN.length}`);
  /** The largest size of each axis, the last one first. */
  const largest = Array.from({ length: rank }, () => 1);
  const sizeAt = (k: number, place: number): number => {
    const { shape } = operands[k] as Tensor;
    const start = (terms[k] as string).indexOf("...");
    return shape[start + (counts[k] as number) - 1 - place] as number;
  };
  counts.forEach((count, k) => {
    for (let place = 0; place < count; place++) if (sizeAt(k, place) !== 1) largest[place] = sizeAt(k, place);
  });
  const spread = terms.map((letters, k): Term => {
    const x = operands[k] as Tensor;
    const places = Array.from({ length: counts[k] as number }, (_, i) => (counts[k] as number) - 1 - i);
    const kept = places.filter((place) => sizeAt(k, place) === largest[place] || sizeAt(k, place) !== 1);
    const named = letters.replace("...", kept.map((place) => HIDDEN[place]).join(""));
    if (kept.length === places.length) return { letters: named, x };
    const start = letters.indexOf("...");
    const shape = x.shape.filter((_, axis) => {
      const place = (counts[k] as number) - 1 - (axis - start);
      return axis < start || axis >= start + places.length || kept.includes(place);
    });
    return { letters: named, x: reshape(x, shape as Shape) };
  });
  return { terms: spread, ellipsis: HIDDEN.slice(0, rank).reverse().join("") };
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
