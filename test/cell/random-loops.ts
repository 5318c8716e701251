// Random cells full of loops, for comparing how they run as cells and as the plain JavaScript that they are. Names that functions
// read, names that functions assign to, and names that nobody else sees are mixed; every program ends.

import fc from "fast-check";

/** Renders a piece of code inside of so many labelled loops. */
type Render = (loops: number) => string;

const names = ["a", "b", "c", "d", "k", "v", "p", "q"] as const;
const name = fc.constantFrom(...names);
const target = fc.constantFrom("a", "b", "c", "v", "p", "q", "a", "b", "c", "k", "undeclared");
const number = fc.integer({ min: -3, max: 9 }).map((n) => `${n / 2}`);

const expression: fc.Arbitrary<string> = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    name,
    number,
    fc
      .tuple(tie("expression"), fc.constantFrom("+", "-", "*", "<", "&&", "??", ","), tie("expression"))
      .map(([x, o, y]) => `(${x} ${o} ${y})`),
    name.map((x) => `typeof ${x}`),
    name.map((x) => `({ valueOf() { return ${x}; } } + 0)`),
    name.map((x) => `({ get g() { return ${x}; } }).g`),
    fc.tuple(target, tie("expression")).map(([x, y]) => `(${x} = ${y})`),
    fc
      .tuple(target, fc.constantFrom("+=", "-=", "??=", "||="), tie("expression"))
      .map(([x, o, y]) => `(${x} ${o} ${y})`),
    fc.tuple(target, fc.constantFrom("++", "--")).map(([x, o]) => `${x}${o}`),
    fc.constantFrom("f()", "g()", "h(1)", "f.name", "(rounds.n++ < 400 ? made.at(-1)?.() : 0)"),
    fc.tuple(name, name).map(([x, y]) => `[${x}, ${y}].join()`),
  ),
})).expression;

/** A loop needs a bound; each counts its rounds, and all together are bounded too. */
const bounded = (body: string): string => `{ if (++rounds.n > 400) throw "enough"; ${body} }`;
const block = (statements: readonly Render[], loops: number): string => statements.map((each) => each(loops)).join(" ");

const statement: fc.Arbitrary<Render> = fc.letrec<{ statement: Render; body: Render[] }>((tie) => ({
  body: fc.array(tie("statement"), { minLength: 1, maxLength: 3, depthIdentifier: "body" }),
  statement: fc.oneof(
    { depthSize: "small", withCrossShrink: true, depthIdentifier: "statement" },
    expression.map(
      (x): Render =>
        () =>
          `${x};`,
    ),
    expression.map(
      (x): Render =>
        () =>
          `log.push(${x});`,
    ),
    fc.tuple(target, target, expression).map(
      ([x, y, z]): Render =>
        () =>
          `[${x}, { n: ${y} = 4 }] = [${z}, { n: ${x} }];`,
    ),
    name.map(
      (x): Render =>
        () =>
          `made.push(() => ${x});`,
    ),
    fc.tuple(target, expression).map(
      ([x, y]): Render =>
        () =>
          `made.push(() => { ${x} = ${y}; return made.length; });`,
    ),
    fc.tuple(fc.constantFrom("a", "b", "k", "q"), tie("body")).map(
      ([x, body]): Render =>
        (loops) =>
          `{ let ${x} = 7; ${block(body, loops)} }`,
    ),
    fc.tuple(expression, tie("body"), tie("body")).map(
      ([x, yes, no]): Render =>
        (loops) =>
          `if (${x}) { ${block(yes, loops)} } else { ${block(no, loops)} }`,
    ),
    fc.tuple(fc.boolean(), fc.nat(3)).map(
      ([goOn, to]): Render =>
        (loops) =>
          loops === 0 ? ";" : `if (rounds.n % 3 === 0) ${goOn ? "continue" : "break"} L${to % loops};`,
    ),
    fc.tuple(expression, tie("body"), fc.boolean()).map(
      ([x, body, last]): Render =>
        (loops) =>
          `try { ${block(body, loops)} if (rounds.n % 2) throw ${x}; } catch (error) { log.push(String(error)); } ${last ? `finally { ${block(body, loops)} }` : ""}`,
    ),
    fc.tuple(expression, tie("body")).map(
      ([x, body]): Render =>
        (loops) =>
          `switch (${x}) { case 1: { ${block(body, loops)} } default: log.push("default"); }`,
    ),
    fc.constant<Render>(() => `if (rounds.n > 40) throw new RangeError("thrown");`),
    fc
      .tuple(
        fc.constantFrom(
          "for (let i = 0; i < 3; i++)",
          "for (var v = 0; v < 3; v++)",
          "for (a = 0; a < 4; a += 1)",
          "for (const x of [1, 2.5])",
          "for (b of [c, k])",
          "for (const x in { s: 1, t: 2 })",
          "for ([a, { c }] of [[b, { c: 1 }], [2, { c: 3 }]])",
          "while (c++ < 5)",
          "while (rounds.n < 30)",
        ),
        tie("body"),
      )
      .map(
        ([head, body]): Render =>
          (loops) =>
            `L${loops}: ${head} ${bounded(block(body, loops + 1))}`,
      ),
    tie("body").map(
      (body): Render =>
        (loops) =>
          `L${loops}: do ${bounded(block(body, loops + 1))} while (a++ < 4);`,
    ),
    fc.tuple(name, expression).map(
      ([x, y]): Render =>
        () =>
          `{ class C { static s = ${y}; m() { return ${x}; } } log.push(C.s, new C().m()); }`,
    ),
  ),
})).statement;

const functionBody = fc
  .tuple(fc.option(target), name)
  .map(([x, y]) => `${x === null ? "" : `${x} = 1; `}d += 2; return ${y};`);

/** The cells of a program; what they log and what is left in their variables can be compared. */
export const loopCells: fc.Arbitrary<string[]> = fc
  .tuple(
    functionBody,
    functionBody,
    functionBody,
    fc.array(statement, { minLength: 1, maxLength: 4 }),
    fc.array(statement, { minLength: 1, maxLength: 4 }),
  )
  .map(([f, g, h, first, second]) => [
    "let a = 0, b = 0.5, c, d = 1; const k = 3; var v = 'v'; let q;",
    `function f() { if (++rounds.n > 400) throw "enough"; ${f} } const g = () => { ${g} };`,
    `${block(first, 0)} let p = 1; ${block(second, 0)} function h(x) { ${h} }`,
    block(first, 0),
    "rounds.n = 0; a = 10; b = 20; c = 30; v = 40; q = 50; for (const each of made) try { log.push(each()); } catch (error) { log.push(String(error)); }",
  ]);

export const variableNames: readonly string[] = [...names];
