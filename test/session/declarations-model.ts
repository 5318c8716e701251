// What declarations in cells mean, as a simple model: a name has a kind and a value, a cell is executed statement by statement. And the
// cells themselves as TypeScript. Everything that is read is printed, so both can be compared.

export type Kind = "let" | "const" | "var" | "function" | "class" | "enum" | "namespace" | "import";

export type Statement =
  | { do: "declare"; kind: Kind; name: string; value: number }
  | { do: "assign"; name: string; value: number }
  | { do: "read"; name: string }
  /** Make a function that reads or assigns, and call one that was made before. */
  | { do: "reader" | "setter"; name: string }
  | { do: "call reader"; index: number }
  | { do: "call setter"; index: number; value: number }
  | { do: "loop"; body: Statement[] }
  | { do: "throw" };

export type Cell = readonly Statement[];

/** The modules that cells import. */
export const importable = "export const v0 = 'import 0', v1 = 'import 1', v2 = 'import 2', v3 = 'import 3';";

const declaration: Record<Kind, (name: string, value: number) => string> = {
  let: (name, value) => `let ${name}: any = ${value};`,
  const: (name, value) => `const [${name}]: any = [${value}];`,
  var: (name, value) => `var { v: ${name} = ${value} } = {} as any;`,
  function: (name, value) => `function ${name}() { return ${value}; }`,
  class: (name, value) => `class ${name} { static v = ${value}; }`,
  enum: (name, value) => `enum ${name} { V = ${value} }`,
  namespace: (name, value) => `namespace ${name} { export const V = ${value}; }`,
  import: (name, value) => `import { v${value % 4} as ${name} } from "./importable.mjs";`,
};

export function source(cell: Cell, prefix: string): string {
  const code = (statement: Statement): string => {
    const name = "name" in statement ? prefix + statement.name : "";
    switch (statement.do) {
      case "declare":
        return declaration[statement.kind](name, statement.value);
      case "assign":
        return `${name} = ${statement.value} as never;`;
      case "read":
        return `console.log(show(${name}));`;
      case "reader":
        return `${prefix}readers.push(() => console.log(show(${name})));`;
      case "setter":
        return `${prefix}setters.push((value) => { ${name} = value as never; });`;
      case "call reader":
        return `${prefix}readers[${statement.index} % ${prefix}readers.length]?.();`;
      case "call setter":
        return `${prefix}setters[${statement.index} % ${prefix}setters.length]?.(${statement.value});`;
      case "loop":
        return `for (let i = 0; i < 2; i++) { ${statement.body.map(code).join(" ")} }`;
      case "throw":
        return "throw new RangeError('thrown');";
    }
  };
  return cell.map(code).join("\n");
}

/** The cell that comes before all others. */
export const show = `function show(x: any): string {
  if (typeof x === "function") return "v" in x ? "class " + x.v : "function " + x();
  return typeof x === "object" ? "object " + x.V : String(x);
}`;

export function first(prefix: string): string {
  return `const ${prefix}readers: (() => void)[] = [], ${prefix}setters: ((value: number) => void)[] = [];`;
}

const constants: ReadonlySet<Kind | undefined> = new Set<Kind>(["const", "import", "enum", "namespace"]);

interface Variable {
  kind: Kind;
  /** Absent before the declaration has run. */
  shows?: string;
}

export class Model {
  readonly #variables = new Map<string, Variable>();
  readonly #readers: string[] = [];
  /** Was the name a constant when the function was compiled? */
  readonly #setters: { name: string; constant: boolean }[] = [];
  #printed: string[] = [];

  run(cell: Cell): { printed: string[]; error: string | null } {
    this.#printed = [];
    const before = new Map<string, Variable | undefined>();
    for (const statement of cell) {
      if (statement.do !== "declare") continue;
      const { name, kind } = statement;
      const earlier = this.#variables.get(name);
      const value = earlier?.kind === "import" ? undefined : earlier?.shows;
      const shows = value ?? (kind === "var" ? "undefined" : undefined);
      this.#variables.set(name, { kind, ...(shows !== undefined && { shows }) });
      if (kind !== "var") before.set(name, earlier);
    }
    const reach = (kind: Kind, name: string, value: number): void => {
      const shows = { let: `${value}`, const: `${value}`, var: `${value}`, import: `import ${value % 4}` };
      const made = {
        function: `function ${value}`,
        class: `class ${value}`,
        enum: `object ${value}`,
        namespace: `object ${value}`,
      };
      this.#variables.set(name, { kind, shows: { ...shows, ...made }[kind] });
      before.delete(name);
    };
    for (const hoisted of ["import", "function"] as const)
      for (const statement of cell)
        if (statement.do === "declare" && statement.kind === hoisted) reach(hoisted, statement.name, statement.value);
    let error: string | null = null;
    try {
      for (const statement of cell) {
        if (statement.do !== "declare") this.#execute(statement);
        else if (!["import", "function"].includes(statement.kind))
          reach(statement.kind, statement.name, statement.value);
      }
    } catch (thrown) {
      if (!(thrown instanceof Error)) throw thrown;
      error = thrown.name;
    }
    // What the cell has not reached is as it was, but for what was assigned to it.
    for (const [name, earlier] of before) {
      const shows = earlier?.kind === "import" ? earlier.shows : this.#variables.get(name)?.shows;
      if (earlier === undefined) this.#variables.delete(name);
      else this.#variables.set(name, { kind: earlier.kind, ...(shows !== undefined && { shows }) });
    }
    return { printed: this.#printed, error };
  }

  #execute(statement: Exclude<Statement, { do: "declare" }>): void {
    switch (statement.do) {
      case "assign":
        this.#assign(statement.name, statement.value, constants.has(this.#variables.get(statement.name)?.kind));
        break;
      case "read":
        this.#read(statement.name);
        break;
      case "reader":
        this.#readers.push(statement.name);
        break;
      case "setter": {
        const { name } = statement;
        this.#setters.push({ name, constant: constants.has(this.#variables.get(name)?.kind) });
        break;
      }
      case "call reader": {
        const name = this.#readers[statement.index % this.#readers.length];
        if (name !== undefined) this.#read(name);
        break;
      }
      case "call setter": {
        const setter = this.#setters[statement.index % this.#setters.length];
        if (setter !== undefined) this.#assign(setter.name, statement.value, setter.constant);
        break;
      }
      case "loop":
        for (let i = 0; i < 2; i++) for (const each of statement.body) if (each.do !== "declare") this.#execute(each);
        break;
      case "throw":
        throw new RangeError();
    }
  }

  #read(name: string): void {
    const shows = this.#variables.get(name)?.shows;
    if (shows === undefined) throw new ReferenceError();
    this.#printed.push(shows);
  }

  /** A function that was compiled while the name was a variable goes on to assign to it, unless it is an import now. */
  #assign(name: string, value: number, constant: boolean): void {
    const variable = this.#variables.get(name);
    if (variable?.shows === undefined) throw new ReferenceError();
    if (variable.kind === "import" || (constant && constants.has(variable.kind))) throw new TypeError();
    variable.shows = `${value}`;
  }
}
