// What every cell sees besides Node's globals, for the type checker; defined in kernel/runtime/.

/** Stands for a line that is no TypeScript: `!command`, `%magic`. What it gives is its own matter: any, as what JSON holds. */
declare const __adjoint_line: {
  (index: number, values?: readonly unknown[], code?: () => unknown): Promise<ReturnType<typeof JSON.parse>>;
  end(index: number): Promise<void>;
};

/** The exit code of the last `!command`; not there before one has run. */
declare let _exit_code: number;

declare const display: typeof import("../../dist/kernel/runtime/display.js").display;
declare const clearOutput: typeof import("../../dist/kernel/runtime/display.js").clearOutput;
declare const Jupyter: typeof import("../../dist/kernel/runtime/jupyter.js").Jupyter;

/** Asks the user for a line and waits; `null` when the user cancels, or nobody can be asked. */
declare function prompt(message?: unknown, initial?: unknown): string | null;

/** Asks the user yes or no and waits. */
declare function confirm(message?: unknown): boolean;

/** Shows a message and waits until the user has confirmed it. */
declare function alert(message?: unknown): void;

/** Asks the user for a line; other code runs on meanwhile. With `password` what is typed stays hidden. */
declare function input(message?: unknown, options?: { password?: boolean }): Promise<string | null>;
