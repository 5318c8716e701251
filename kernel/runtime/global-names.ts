// The names that code has put on the global object at run time (`globalThis.x = 1`, a package such as shelljs/global): cells may use
// them, and no text tells. Names alone are looked at, no value: a getter may do anything.

export class GlobalNames {
  /** Those of Node and of the kernel. */
  readonly #known = new Set(Object.getOwnPropertyNames(globalThis));
  #told = "";

  /** All names beyond those, if they are others than at the last call. */
  changed(): string[] | undefined {
    const names = Object.getOwnPropertyNames(globalThis).filter((name) => !this.#known.has(name));
    const told = names.join();
    if (told === this.#told) return undefined;
    this.#told = told;
    return names;
  }
}
