// Modules: objects that hold parameters and other modules, and compute with them. What a module holds is found by looking at its
// properties, so a class needs no registration; names are those of PyTorch, so its state_dict fits.

import { summaryTable } from "../display/model.ts";
import { tableText } from "../display/table.ts";
import { sameShape, type Shape, show } from "../shape.ts";
import { noGrad } from "../tape.ts";
import { isTensor, type Tensor } from "../trace.ts";
import { isBranch } from "../tree.ts";

const parameters = new WeakSet<Tensor>();

/**
 * Marks a tensor as a parameter, whose gradient is computed: what layers hold.
 *
 * @throws TypeError for whole numbers.
 * @example
 * class Scale extends nn.Module {
 *   factor = nn.parameter(ones(1));
 *   forward(x: Tensor) { return x.mul(this.factor); }
 * }
 */
export function parameter<S extends Shape>(x: Tensor<S>, requiresGrad = true): Tensor<S> {
  if (requiresGrad) x.requiresGrad_();
  parameters.add(x);
  return x;
}

function isParameter(x: Tensor): boolean {
  return parameters.has(x) || (x.requiresGrad && x.isLeaf);
}

/** Tensors by their names. */
export type StateDict = Record<string, Tensor>;

type Found = { readonly kind: "parameter" | "buffer"; readonly name: string; readonly tensor: Tensor };

/**
 * Something that computes with parameters. Extend it: hold parameters, modules, or arrays and objects of them in properties, and say in `forward` what
 * they do.
 *
 * @example
 * class Net extends nn.Module {
 *   hidden = nn.linear(2, 8);
 *   out = nn.linear(8, 1);
 *   forward(x: Tensor) { return this.out.forward(this.hidden.forward(x).sigmoid()).sigmoid(); }
 * }
 */
export abstract class Module {
  /** Whether dropout drops and statistics are taken; see {@link Module.train}. */
  training = true;
  #buffers: StateDict = {};

  /** What the module makes of its input. */
  abstract forward(...inputs: never[]): unknown;

  /** Keeps a tensor that belongs to the state, but is not trained. */
  registerBuffer(name: string, value: Tensor): void {
    this.#buffers[name] = value;
  }

  /** The tensor kept under this name. */
  buffer(name: string): Tensor {
    const found = this.#buffers[name];
    if (found === undefined) throw new RangeError(`buffer: there is no ${name} in ${this.constructor.name}`);
    return found;
  }

  /** The modules in its properties, by name. */
  namedChildren(): [string, Module][] {
    return properties(this).flatMap(([name, value]): [string, Module][] =>
      value instanceof Module ? [[name, value]] : [],
    );
  }

  /** The modules in its properties. */
  children(): Module[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /**
   * Calls `f` with every module below this one, and then with this one.
   *
   * @example
   * model.apply((m) => { if (m instanceof nn.Linear) nn.init.xavierUniform_(m.weight); });
   */
  apply(f: (module: Module) => void): this {
    for (const child of this.children()) child.apply(f);
    f(this);
    return this;
  }

  /** This module and all below it. */
  *modules(): Generator<Module> {
    yield this;
    for (const [, child] of this.namedChildren()) yield* child.modules();
  }

  #found(prefix: string): Found[] {
    const own = properties(this).flatMap(([name, value]): Found[] => {
      if (value instanceof Module) return value.#found(`${prefix}${name}.`);
      if (isTensor(value) && isParameter(value)) return [{ kind: "parameter", name: prefix + name, tensor: value }];
      return [];
    });
    const kept = Object.entries(this.#buffers).map(([name, tensor]): Found => ({
      kind: "buffer",
      name: prefix + name,
      tensor,
    }));
    return [...own, ...kept];
  }

  /** The parameters of this module and those below it, by name (`hidden.weight`), each once. */
  namedParameters(): [string, Tensor][] {
    const seen = new Set<Tensor>();
    return this.#found("").flatMap(({ kind, name, tensor }): [string, Tensor][] => {
      if (kind !== "parameter" || seen.has(tensor)) return [];
      seen.add(tensor);
      return [[name, tensor]];
    });
  }

  /** The parameters of this module and those below it. */
  parameters(): Tensor[] {
    return this.namedParameters().map(([, tensor]) => tensor);
  }

  /** Copies of all parameters and buffers, by name. */
  stateDict(): StateDict {
    return Object.fromEntries(this.#found("").map(({ name, tensor }) => [name, noGrad(() => tensor.clone())]));
  }

  /**
   * Takes over the numbers of a state of the same form.
   *
   * @throws RangeError when names are missing or unknown (unless not `strict`), or shapes differ; nothing is changed then.
   * @example
   * model.loadStateDict(other.stateDict());
   */
  loadStateDict(state: StateDict, { strict = true } = {}): void {
    const own = new Map(this.#found("").map(({ name, tensor }) => [name, tensor]));
    const missing = [...own.keys()].filter((name) => !Object.hasOwn(state, name));
    const unknown = Object.keys(state).filter((name) => !own.has(name));
    if (strict && missing.length + unknown.length > 0) {
      throw new RangeError(
        `loadStateDict: ${[
          ...(missing.length > 0 ? [`missing ${missing.join(", ")}`] : []),
          ...(unknown.length > 0 ? [`unknown ${unknown.join(", ")}`] : []),
        ].join("; ")}; pass {strict: false} to take what fits`,
      );
    }
    const pairs = [...own].flatMap(([name, tensor]) => {
      const value = state[name];
      return value === undefined ? [] : [{ name, tensor, value }];
    });
    for (const { name, tensor, value } of pairs) {
      if (!sameShape(tensor.shape, value.shape)) {
        throw new RangeError(`loadStateDict: ${name} has shape ${show(tensor.shape)}, the state ${show(value.shape)}`);
      }
    }
    noGrad(() => {
      for (const { tensor, value } of pairs) tensor.copy_(value.to(tensor.dtype));
    });
  }

  /** Switches dropout, and statistics of batches, on (or off). */
  train(training = true): this {
    for (const module of this.modules()) module.training = training;
    return this;
  }

  /** Switches to prediction: no dropout, the statistics of training. */
  eval(): this {
    return this.train(false);
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const p of this.parameters()) p.zeroGrad();
  }

  /** Makes all parameters constants, or parameters again. */
  requiresGrad_(needed = true): this {
    for (const p of this.parameters()) {
      parameters.add(p);
      p.requiresGrad_(needed);
    }
    return this;
  }

  /** What a line of {@link Module.summary} says of it beside its name. */
  extra(): string {
    return "";
  }

  /**
   * A table of the modules inside, with the shapes, number and bytes of their parameters.
   *
   * @example
   * console.log(model.summary());
   */
  summary(): string {
    return tableText(summaryTable(this));
  }

  /** The modules inside, one a line. */
  toString(): string {
    const children = this.namedChildren();
    if (children.length === 0) return `${this.constructor.name}${this.extra() === "" ? "()" : this.extra()}`;
    const lines = children.map(([name, child]) => `  (${name}): ${child.toString().replaceAll("\n", "\n  ")}`);
    return `${this.constructor.name}(\n${lines.join("\n")}\n)`;
  }
}

/** The properties of a module; what stands in arrays and plain objects counts as `name.0`, `name.key`, however deep. */
function properties(module: Module): [string, unknown][] {
  const open = new Set<object>();
  const inside = (name: string, value: unknown): [string, unknown][] => {
    if (!isBranch(value)) return [[name, value]];
    // What refers to itself has been seen.
    if (open.has(value)) return [];
    open.add(value);
    const found = Object.entries(value).flatMap(([key, element]) => inside(`${name}.${key}`, element));
    open.delete(value);
    return found;
  };
  return Object.entries(module).flatMap(([name, value]: [string, unknown]) => inside(name, value));
}

/**
 * What `module` makes of its inputs with other parameters in place of its own: a function of the parameters, for `grad` and its like.
 *
 * @throws RangeError for a name that the module has not.
 * @example
 * const grads = grad((p) => mseLoss(functionalCall(model, p, x), y))(params);
 */
export function functionalCall<A extends readonly unknown[], R>(
  module: Module & { forward(...inputs: A): R },
  values: Readonly<Record<string, Tensor>>,
  ...inputs: A
): R {
  const undo: (() => void)[] = [];
  try {
    for (const [name, value] of Object.entries(values)) {
      const [owner, key] = locate(module, name);
      const before = owner[key];
      undo.push(() => {
        owner[key] = before;
      });
      owner[key] = value;
    }
    return module.forward(...inputs);
  } finally {
    for (const restore of undo) restore();
  }
}

/** The object and the property that a name like `layers.0.weight` stands for. */
function locate(module: Module, name: string): [Record<string, unknown>, string] {
  const path = name.split(".");
  const key = path.pop() as string;
  let owner = module as unknown as Record<string, unknown>;
  for (const part of path) {
    const next = owner[part];
    if (typeof next !== "object" || next === null)
      throw new RangeError(`functionalCall: there is no parameter ${name}`);
    owner = next as Record<string, unknown>;
  }
  if (!isTensor(owner[key])) throw new RangeError(`functionalCall: there is no parameter ${name}`);
  return [owner, key];
}
