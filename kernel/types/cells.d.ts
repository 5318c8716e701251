// What every cell sees besides Node's globals, for the type checker; defined in kernel/runtime/.

/** Stands for a line that is no TypeScript: `!command`, `%magic`. What it gives is its own matter: any, as what JSON holds. */
declare const __adjoint_line: {
  (index: number, values?: readonly unknown[], code?: () => unknown): Promise<ReturnType<typeof JSON.parse>>;
  end(index: number): Promise<void>;
};

/** The exit code of the last `!command`; not there before one has run. */
declare let _exit_code: number;

/**
 * Shows a value below the cell, and returns a handle whose `update` shows another in its place, and whose `clear` empties it: a
 * picture, a table, a chart or text, whatever the value is. `display.html` and the others show content of one format. Several values are
 * shown one below the other.
 *
 * @example
 * const progress = display("0 %");
 * progress.update("50 %");
 * display(model, gradients(model));
 */
declare const display: typeof import("../../dist/kernel/runtime/display.js").display;
/**
 * Clears what the cell has shown so far; with `wait` only when its next output comes, so that nothing flickers.
 *
 * @example
 * for (let step = 0; step < 10; step++) { clearOutput({ wait: true }); console.log(step); }
 */
declare const clearOutput: typeof import("../../dist/kernel/runtime/display.js").clearOutput;
/** What else notebooks have: comms, template tags for what is shown (`Jupyter.html`), messages to the front end. */
declare const Jupyter: typeof import("../../dist/kernel/runtime/jupyter.js").Jupyter;

/** Asks the user for a line and waits; `null` when the user cancels, or nobody can be asked. */
declare function prompt(message?: unknown, initial?: unknown): string | null;

/** Asks the user yes or no and waits. */
declare function confirm(message?: unknown): boolean;

/** Shows a message and waits until the user has confirmed it. */
declare function alert(message?: unknown): void;

/** Asks the user for a line; other code runs on meanwhile. With `password` what is typed stays hidden. */
declare function input(message?: unknown, options?: { password?: boolean }): Promise<string | null>;

declare namespace NodeJS {
  interface Require {
    /** What the checker makes of `require("fs")`: its module is the type. */
    <Module = ReturnType<typeof JSON.parse>>(id: string): Module;
  }
}
