import assert from "node:assert/strict";
import vm from "node:vm";
import fc from "fast-check";
import { CellSession } from "../cell-session.ts";
import { loopCells, variableNames } from "./random-loops.ts";

const seed = 20261124;

interface Outcome {
  log: unknown[];
  error: string | null;
  left: string[];
}

interface Hooks {
  log: unknown[];
  made: unknown[];
  rounds: { n: number };
}

function hooks(): Hooks {
  return { log: [], made: [], rounds: { n: 0 } };
}

function describeAll(values: readonly unknown[]): string[] {
  return values.map((value) => `${typeof value} ${String(value)}`);
}

async function asCells(cells: readonly string[], fastLoops: boolean): Promise<Outcome> {
  const outside = hooks();
  const session = new CellSession({ ...outside });
  session.fastLoops = fastLoops;
  let error: string | null = null;
  try {
    for (const cell of cells) await session.run(cell);
  } catch (reason) {
    error = String(reason);
  }
  const left = variableNames.map((name) => {
    try {
      return session.variables.has(name) ? session.scope[name] : undefined;
    } catch (reason) {
      return String(reason);
    }
  });
  return { log: outside.log.map(String), error, left: describeAll(left) };
}

/** The same cells as one function of plain JavaScript. */
async function asPlainCode(cells: readonly string[]): Promise<Outcome> {
  const { log, made, rounds } = hooks();
  const left: unknown[] = [];
  let look = (): void => {};
  const looks = variableNames.map(
    (name) => `try { left.push(${name}); } catch (reason) { left.push(String(reason)); }`,
  );
  const code = `"use strict"; (async (log, made, rounds, left, looking) => { looking(() => { ${looks.join(" ")} }); ${cells.join("\n")} })`;
  const run = new vm.Script(code).runInThisContext() as (...parameters: unknown[]) => Promise<void>;
  let error: string | null = null;
  try {
    await run(log, made, rounds, left, (looking: () => void) => (look = looking));
  } catch (reason) {
    error = String(reason);
  }
  look();
  return { log: log.map(String), error, left: describeAll(left) };
}

/** As the kernel's errors do, speaks of the variables and not of the objects that hold them. */
function plain({ log, error, left }: Outcome): Outcome {
  const named = (text: string): string =>
    text.replace(/\(0 ?, ?__\$(\w+)\.value\)/g, "$1").replace(/__\$(\w+)\.value/g, "$1");
  return { log: log.map((line) => named(String(line))), error: error && named(error), left: left.map(named) };
}

describe("loops at the top level of cells", () => {
  it("do in random cells what the same code does as one plain function", async () => {
    await fc.assert(
      fc.asyncProperty(loopCells, async (cells) => {
        const expected = await asPlainCode(cells);
        assert.deepEqual(plain(await asCells(cells, true)), expected);
        assert.deepEqual(plain(await asCells(cells, false)), expected);
      }),
      { seed, numRuns: 1000 },
    );
  });

  async function copied(...cells: string[]): Promise<{ code: string; session: CellSession; result: unknown }> {
    const session = new CellSession();
    let result: unknown;
    for (const cell of cells) result = await session.run(cell);
    return { code: [...session.compiled.values()].at(-1)?.code ?? "", session, result };
  }

  it("run on copies of what nobody else sees, of this cell and of earlier ones", async () => {
    const { code, session } = await copied(
      "let s = 0; const n = 9",
      "let t = 0; for (var i = 0; i < n; i++) { s += i; t = s }",
    );
    assert.match(code, /let i = .*, s = .*, t = .*; const n = [^]*for\(i = 0; i < n; i\+\+\)/);
    assert.deepEqual([session.scope["s"], session.scope["t"], session.scope["i"]], [36, 36, 9]);
  });

  it("run on copies where an outer loop awaits", async () => {
    const { code, session } = await copied(
      "let s = 0",
      "for (const x of [1, 2]) { await x; outer: for (const y of [3, 4]) for (;;) { s += x * y; continue outer } }",
    );
    assert.match(code, /let s = .*outer: for/);
    assert.equal(session.scope["s"], 21);
  });

  it("leave alone what functions assign, what code in a string could see, imports, and names of no cell", async () => {
    const functions = "let a = 1, b = 1; function set() { a++ } const get = () => b";
    const none = await copied(functions, "for (const x of [1, 2]) { set(); b += a }; [a, b, get()]");
    assert.doesNotMatch(none.code, /(?:let|const) [ab] =/);
    assert.deepEqual(none.result, [3, 6, 6]);
    const evaluated = await copied(
      "let s = 1",
      "for (const x of [1]) { s = typeof eval('typeof s === \"undefined\"') } s",
    );
    assert.equal(evaluated.result, "boolean");
    assert.doesNotMatch(evaluated.code, /let s =/);
    const session = new CellSession();
    session.modules["module"] = { x: 1 };
    await session.run("import { x } from 'module'; let r: unknown[] = []");
    await assert.rejects(session.run("for (;;) { r.push(x, Math.max(1, x)); if (r.length > 2) nowhere }"), {
      message: "nowhere is not defined",
    });
    assert.deepEqual(session.scope["r"], [1, 1, 1, 1]);
  });

  it("write back what they have reached when an error ends them", async () => {
    const session = new CellSession();
    await session.run("let n = 0");
    await assert.rejects(session.run("while (true) if (++n === 5) throw new Error('stop')"), { message: "stop" });
    assert.equal(session.scope["n"], 5);
  });

  it("name functions, and throw for constants, as anywhere else", async () => {
    const { session, result } = await copied(
      "let f: any; const c = 1",
      "for (let i = 0; i < 1; i++) f = () => {}; f.name",
    );
    assert.equal(result, "f");
    await assert.rejects(session.run("for (;;) c = 2 as never"), {
      name: "TypeError",
      message: "Assignment to constant variable.",
    });
  });

  it("show a cell that is new on each run the same values as without copies", async () => {
    const { session } = await copied(
      "let total = 0",
      "for (let i = 0; i < 3; i++) total += i",
      "const read = () => total",
    );
    const rerun = await session.run("for (let i = 0; i < 3; i++) { total += i; read() } read()");
    assert.equal(rerun, 6);
  });
});
