// What a name without a value may be, by its letter: a capital is a matrix, a small letter a column, and some are numbers by custom. Each kind has a
// cost, and what fits the definitions at the least cost is taken.

/** A family is a column for each index, such as the examples x_i. */
export type Kind = "column" | "matrix" | "number" | "row" | "family";

export interface Candidate {
  kind: Kind;
  cost: number;
  /** Against what the letter promises. */
  unusual?: true;
}

export const NUMBERS = /^(?:alpha|beta|gamma|lambda|eta|epsilon|mu|tau|[nmNMdkK])$/;

export function candidates(name: string, isIndexed: boolean, areNumbers = false): Candidate[] {
  if (NUMBERS.test(name))
    return [
      { kind: "number", cost: 0 },
      { kind: "column", cost: 7, unusual: true },
      { kind: "matrix", cost: 3, unusual: true },
    ];
  if (/^d?[A-ZΑ-Ω]/.test(name) && !/^(?:Delta|Theta|Lambda|Sigma|Phi|Psi|Omega|Gamma|Pi|Xi)/.test(name))
    return [
      { kind: "matrix", cost: 0 },
      { kind: "row", cost: 5 },
      { kind: "column", cost: 7, unusual: true },
      { kind: "number", cost: 8, unusual: true },
    ];
  if (areNumbers) return [{ kind: "number", cost: 0 }];
  const family: Candidate[] = isIndexed ? [{ kind: "family", cost: 4 }] : [];
  return [
    { kind: "column", cost: 0 },
    { kind: "row", cost: 3.2, unusual: true },
    { kind: "number", cost: 1.5 },
    ...family,
  ];
}

/** Kinds of all names, the most usual first. */
export function* assignments(all: readonly Candidate[][]): Generator<{ kinds: Kind[]; cost: number }> {
  let costs = [0];
  for (const list of all) costs = [...new Set(costs.flatMap((cost) => list.map((one) => cost + one.cost)))];
  for (const cost of costs.toSorted((a, b) => a - b)) for (const kinds of atCost(all, cost)) yield { kinds, cost };
}

function* atCost(all: readonly Candidate[][], cost: number): Generator<Kind[]> {
  const [first, ...rest] = all;
  if (first === undefined) {
    if (Math.abs(cost) < 1e-9) yield [];
    return;
  }
  for (const one of first) {
    if (one.cost > cost + 1e-9) continue;
    for (const others of atCost(rest, cost - one.cost)) yield [one.kind, ...others];
  }
}
