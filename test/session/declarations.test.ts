import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { TestSession } from "../session-harness.ts";
import { first, importable, Model, show, source, type Cell, type Kind, type Statement } from "./declarations-model.ts";

const seed = 20261124;

const name = fc.nat(9).map((n) => `n${n}`);
const value = fc.nat(99);
const index = fc.nat(20);
const kind = fc.constantFrom<Kind>("let", "const", "var", "function", "class", "enum", "namespace", "import");
const declare = fc.record({ do: fc.constant("declare" as const), kind, name, value });
const use: fc.Arbitrary<Statement> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("read" as const), name }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("assign" as const), name, value }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("reader" as const, "setter" as const), name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("call reader" as const), index }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("call setter" as const), index, value }) },
);
const statement: fc.Arbitrary<Statement> = fc.oneof(
  { weight: 8, arbitrary: declare },
  { weight: 8, arbitrary: use },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("loop" as const), body: fc.array(use, { maxLength: 4 }) }) },
  { weight: 1, arbitrary: fc.constant<Statement>({ do: "throw" }) },
);
/** No cell declares a name twice. */
const cell: fc.Arbitrary<Cell> = fc
  .array(statement, { minLength: 1, maxLength: 6, size: "large" })
  .map((statements) => {
    const declared = new Set<string>();
    return statements.filter((each) => each.do !== "declare" || (!declared.has(each.name) && declared.add(each.name)));
  });
/** Cells, some of them run again later. */
const cells: fc.Arbitrary<Cell[]> = fc
  .array(fc.tuple(cell, fc.option(fc.nat(30), { freq: 4 })), { minLength: 1, maxLength: 20, size: "large" })
  .map((all) => all.map(([own, again]) => (again === null ? own : (all[again % all.length]?.[0] ?? own))));

describe("Random declarations, assignments and calls over ten names", () => {
  let session: TestSession;
  before(async () => {
    session = new TestSession();
    writeFileSync(join(session.folder, "importable.mjs"), importable);
    await session.run(show);
  });
  after(() => session.close());

  it("mean in a session what they mean in the model", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(cells, async (sequence) => {
        // The names of each run are its own: a new process for each would take too long.
        const prefix = `r${++run}_`;
        await session.run(first(prefix));
        const model = new Model();
        for (const statements of sequence) {
          const code = source(statements, prefix);
          const done = await session.run(code);
          const expected = model.run(statements);
          const error = done.errors[0]?.ename ?? null;
          assert.deepEqual(
            { printed: done.text().split("\n").slice(0, -1), error },
            expected,
            `${code}\n${done.traceback}`,
          );
        }
      }),
      { seed, numRuns: 400 },
    );
  });
});
