// Which shapes the names of a note have, where no code says it: those with which its definitions conform. A capital is a matrix and a small letter a
// column, unless only something else fits, or it fits at less cost.

import { Inference, type DefinedName, type Known, Mismatch } from "./inference.ts";
import { assignments, type Candidate, candidates, type Kind } from "./kinds.ts";
import { keyOf, partsOf } from "./tex/tree.ts";

export interface InferredShapes {
  shapes: Map<string, { kind: Kind; rows: number; columns: number }>;
  /** Names whose letters promise something else. */
  unusual: string[];
  /** Columns for each index. */
  families: ReadonlySet<string>;
  /** Added to each row: whether they are rows or columns, nothing says. */
  eitherWay: ReadonlySet<string>;
}

/** More combinations than anybody waits for. */
const MOST_TRIED = 600;
/** What {@link Inference.extraCost} may be below zero. */
const MOST_SAVED = 3;

/** `draw` gives a size that no other has. A string says why there are no shapes. */
export function inferShapes(
  definitions: readonly DefinedName[],
  leaves: readonly string[],
  known: Known,
  draw: () => number,
): InferredShapes | string {
  let tried = 0;
  let problem = "";
  let best: { inference: Inference; kinds: Kind[]; cost: number } | undefined;
  const indexed = indexedIn(definitions);
  const all = leaves.map((leaf) => candidates(leaf, indexed.has(leaf), known.areNumbers));
  for (const { kinds, cost } of withNumbersFirst(all)) {
    if (tried++ > MOST_TRIED || (tried > 2 && best !== undefined && cost - MOST_SAVED >= best.cost)) break;
    const inference = new Inference(known, new Map(leaves.map((leaf, k) => [leaf, kinds[k] ?? "column"])));
    try {
      for (const definition of definitions) inference.define(definition);
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      problem ||= error.message;
      continue;
    }
    const total = cost + inference.extraCost();
    if (best === undefined || total < best.cost) best = { inference, kinds, cost: total };
  }
  if (best === undefined) return `no shapes of ${leaves.join(", ")} fit the definitions: ${problem}`;
  const { kinds, inference } = best;
  const unusual = leaves.filter(
    (leaf, k) =>
      inference.guessed.has(leaf) ||
      (!inference.eachRow.has(leaf) && all[k]?.find(({ kind }) => kind === kinds[k])?.unusual === true),
  );
  return { shapes: inference.sizes(draw), unusual, families: inference.families, eitherWay: inference.eachRow };
}

/** All small letters as numbers, which is often the end of the list, and then all in the order of their costs. */
function* withNumbersFirst(all: readonly Candidate[][]): Generator<{ kinds: Kind[]; cost: number }> {
  const numbers = all.map((list) => list.find(({ kind, unusual }) => kind === "number" && unusual !== true) ?? list[0]);
  yield {
    kinds: numbers.map((one) => one?.kind ?? "column"),
    cost: numbers.reduce((sum, one) => sum + (one?.cost ?? 0), 0),
  };
  yield* assignments(all);
}

/** What one index picks from. */
function indexedIn(definitions: readonly DefinedName[]): Set<string> {
  const names = definitions.flatMap(({ expression }) => partsOf(expression));
  return new Set(
    names.flatMap((part) => (part.kind === "name" && /^[a-z]$/.test(part.sub ?? "") ? [keyOf(part.base)] : [])),
  );
}
