// Loops at the top level of a cell run on copies of the variables they use, in a block around the loop, because V8 keeps only
// local variables in registers: `{let s=__$s.value;const n=__$n.value;try{for (…) …}finally{__$s.value=s}}`. A name may be
// copied when nobody else can tell: no function of any cell assigns to it or, if the loop assigns to it, reads it; functions in
// the loop itself go on to use the variable. Nothing of another cell runs meanwhile, since a loop with an `await` is left alone. The
// code that writes the copies back is also handed to the runtime, for an interrupt skips `finally`.

import type * as acorn from "acorn";
import { constantKinds, type Surroundings } from "./names.ts";
import { hoistedNames, lexicalNames } from "./scope-analysis.ts";

/** The variables of the cells that a piece of code uses, and those of them that it assigns to. */
export interface NameUses {
  used: Set<string>;
  assigned: Set<string>;
}

/** The variables that functions and classes use, wherever these are. */
export interface Captured {
  used: ReadonlySet<string>;
  assigned: ReadonlySet<string>;
}

/** What a loop uses outside of the functions in it. */
export interface LoopNames extends NameUses {
  outer: LoopNames | null;
  /** It awaits, or evaluates code that could see the copies. */
  isOpen: boolean;
}

export interface Copies {
  names: ReadonlySet<string>;
  before: string;
  after: string;
}

/** The loops that run on copies, the outermost that can. */
export function copiesOf(
  program: acorn.Program,
  loops: ReadonlyMap<acorn.Node, LoopNames>,
  captured: readonly Captured[],
  around: Surroundings,
): Map<acorn.Node, Copies> {
  const chosen = new Map<acorn.Node, Copies>();
  const covered = new Set<LoopNames>();
  const ends = declarationEnds(program);
  for (const [loop, names] of loops) {
    if (names.outer !== null && covered.has(names.outer)) covered.add(names);
    if (names.isOpen || covered.has(names)) continue;
    covered.add(names);
    const mayCopy = (name: string): boolean =>
      hasValue(name, loop, ends, around) &&
      captured.every(({ used, assigned }) => !assigned.has(name) && !(names.assigned.has(name) && used.has(name)));
    const copied = [...names.used].filter(mayCopy);
    if (copied.length > 0) chosen.set(loop, copiesCode(copied, names.assigned, around));
  }
  return chosen;
}

/** Where the statements end that give the cell's own names their values. */
function declarationEnds({ body }: acorn.Program): Map<string, number> {
  const ends = new Map<string, number>();
  for (const statement of body) {
    const declare = (name: string): void => void ends.set(name, statement.end);
    lexicalNames([statement], declare);
    hoistedNames([statement], declare);
  }
  return ends;
}

/** Is the name certain to have a value of its own when the loop begins? Imports and the prelude's names never have. */
function hasValue(name: string, loop: acorn.Node, ends: ReadonlyMap<string, number>, around: Surroundings): boolean {
  for (const decorated of around.decorated.values()) if (decorated === name) return false;
  const own = around.declared.get(name);
  if ((own ?? around.earlier.get(name) ?? "import") === "import") return false;
  if (own === undefined || own === "var" || own === "function") return true;
  const end = ends.get(name);
  return end !== undefined && end <= loop.start;
}

function copiesCode(copied: readonly string[], assigned: ReadonlySet<string>, around: Surroundings): Copies {
  const { cell, variable } = around.names;
  const isConstant = (name: string): boolean =>
    constantKinds.has(around.declared.get(name) ?? around.earlier.get(name) ?? "let");
  const written = copied.filter((name) => assigned.has(name) && !isConstant(name));
  const declare = (keyword: string, declared: readonly string[]): string =>
    declared.length === 0
      ? ""
      : `${keyword} ${declared.map((name) => `${name} = ${variable}${name}.value`).join(", ")}; `;
  const constants = copied.filter((name) => !written.includes(name));
  const declarations = declare("let", written) + declare("const", constants);
  const names = new Set(copied);
  if (written.length === 0) return { names, before: `{ ${declarations}`, after: " }" };
  const write = written.map((name) => `${variable}${name}.value = ${name}; `).join("");
  return {
    names,
    before: `{ ${declarations}${cell}.copies(${JSON.stringify(write)}); try { `,
    after: ` } finally { ${write}${cell}.copies(""); } }`,
  };
}
