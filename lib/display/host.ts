// The notebook around the library, if there is one: the global `Jupyter` of this project's kernel, or Deno's `Deno.jupyter`, which show
// things in the same way (https://docs.deno.com/api/deno/~/Deno.jupyter). Without one there is nobody to see anything.

import type { Bundle, Displayed } from "./bundle.ts";

interface Options {
  /** The value is itself a bundle. */
  readonly raw?: boolean;
  readonly display_id?: string;
  readonly update?: boolean;
}

interface Jupyter {
  display(value: Bundle | Displayed, options: Options): unknown;
  /** Calls back once when the running cell ends, however it does; false if it has ended. Deno has none. */
  whenCellEnds?(callback: () => void): boolean;
}

/** Where a display is shown, and can be changed. */
export interface Host {
  show(value: Bundle | Displayed, options: Options): void;
  /** False if nobody will call. */
  whenCellEnds(callback: () => void): boolean;
  /** Calls back later, unless the code that runs never waits. */
  later(callback: () => void, milliseconds: number): void;
}

type Timer = (callback: () => void, milliseconds: number) => unknown;

function jupyter(): Jupyter | null {
  const { Jupyter: own, Deno: deno } = globalThis as unknown as Record<string, Record<string, unknown> | undefined>;
  try {
    for (const found of [own, deno?.["jupyter"]]) {
      if (typeof found !== "object" || found === null) continue;
      if (typeof (found as Partial<Jupyter>).display === "function") return found as Jupyter;
    }
  } catch {
    // Deno's getter outside of notebooks.
  }
  return null;
}

/** The notebook; null where there is none. */
export function host(): Host | null {
  const found = jupyter();
  if (found === null) return null;
  return {
    show(value, options) {
      const shown = found.display(value, options);
      // Deno's is a promise; a front end that is gone is no reason for the cell to fail.
      if (shown instanceof Promise) shown.catch(() => {});
    },
    whenCellEnds: (callback) => found.whenCellEnds?.(callback) ?? false,
    later(callback, milliseconds) {
      const { setTimeout: timer } = globalThis as unknown as { setTimeout?: Timer };
      timer?.(callback, milliseconds);
    },
  };
}
