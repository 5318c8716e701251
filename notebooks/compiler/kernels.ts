// Kernels before they are needed. In a build of many notes the next one's starts while a note runs. While notes are watched, two are kept:
// the one that has run the note, which can go on with cells that were added, and a fresh one that has run the cells before the one
// that was changed last, and waits there. Whatever a kernel goes on with, it has run exactly the cells before, in order, and
// nothing else: what a notebook shows is what a run from its start would have shown.

import type { CodeCell } from "../../kernel/notebook.ts";
import { CellRunner, type NotebookRun, type OpenSession, type RunResult } from "../../kernel/run.ts";

/** A kernel that has run cells, by their keys, and what each had shown when it ended. */
export class Kernel {
  readonly runner: CellRunner;
  /** Of the cells that it has run, and of the one that runs. */
  readonly keys: string[] = [];
  /** JSON, one for each cell that has ended. */
  readonly shown: string[] = [];

  constructor(runner: CellRunner) {
    this.runner = runner;
  }

  /** Runs the cells that come after those that it has run. The notebook's own are left alone: `shownBy` tells what they show. */
  async goOn(cells: readonly CodeCell[], keys: readonly string[], run: RunOptions): Promise<RunResult> {
    const copies = cells.slice(this.keys.length).map(copyOf);
    return this.runner.run(copies, {
      ...run,
      onCellStart: (cell) => {
        this.keys.push(keys[cell - 1] ?? "");
        run.onCellStart?.(cell);
      },
      onCellEnd: (failure) => {
        this.shown.push(JSON.stringify(this.runner.cells.at(-1)?.outputs));
        run.onCellEnd?.(failure);
      },
    });
  }

  /** What one of its cells has shown; `late`: not all of it when it ended. */
  shownBy(index: number): { outputs: CodeCell["outputs"]; late: boolean } {
    const outputs = this.runner.cells[index]?.outputs ?? [];
    return { outputs, late: JSON.stringify(outputs) !== this.shown[index] };
  }

  /** Whether it has run the first of these cells, and no other. */
  precedes(keys: readonly string[]): boolean {
    return this.keys.length <= keys.length && this.keys.every((key, index) => key === keys[index]);
  }
}

type RunOptions = Omit<NotebookRun, "openSession" | "folder">;

/** Loads what draws charts. What it shows belongs to no cell of a note. */
const DRAWING =
  'display.vegaLite({ data: { values: [{ x: 1, y: 2 }] }, mark: "line", encoding: { x: { field: "x", type: "quantitative" } } });';

function showsChart({ outputs }: CodeCell): boolean {
  return outputs.some(
    (output) => "data" in output && Object.keys(output.data).some((type) => type.startsWith("application/vnd.vega")),
  );
}

interface Parking {
  kernel: Promise<Kernel>;
  /** Its abort is heeded between cells. */
  halt: AbortController;
  done: Promise<void>;
}

/** What was built of a note. */
export interface Built {
  note: string;
  folder: string;
  cells: readonly CodeCell[];
  keys: readonly string[];
  /** How many of the cells may be run without failing. */
  good: number;
  timeout: number;
}

export class Kernels {
  readonly #open: OpenSession;
  /** Whether notes are built again and again. */
  readonly #watches: boolean;
  readonly #idle = new Set<Kernel>();
  /** The keys of the cells of each note that was built. */
  readonly #keys = new Map<string, readonly string[]>();
  /** Whether the note before showed charts. */
  #draws = false;
  #last: (Built & { changed: number }) | undefined;
  #parking: Parking | undefined;

  constructor(open: OpenSession, { watches }: { watches: boolean }) {
    this.#open = open;
    this.#watches = watches;
  }

  /** The kernel with which the cells can be run soonest. The others are closed: what a cell has occupied, a port for one, must be free. */
  async take(folder: string, keys: readonly string[]): Promise<Kernel> {
    const parking = this.#parking;
    parking?.halt.abort();
    const parked = await parking?.kernel.catch(() => undefined);
    const fitting = [...this.#idle].filter((kernel) => kernel.runner.folder === folder && kernel.precedes(keys));
    let best = fitting.toSorted((a, b) => b.keys.length - a.keys.length)[0];
    // The cell that it runs has to be run in any case.
    if (best !== undefined && best === parked) await parking?.done;
    if (best !== undefined && !this.#idle.delete(best)) best = undefined;
    await this.close();
    return best ?? this.#started(folder);
  }

  /** Takes back a kernel that has run a note; `whole` if nothing went wrong. */
  async give(kernel: Kernel, whole: boolean): Promise<void> {
    if (this.#watches && whole) this.#idle.add(kernel);
    else await kernel.runner.close();
  }

  /** Starts a kernel for the next note, if there is none. */
  ahead(folder: string): void {
    if ([...this.#idle].some(({ keys, runner }) => keys.length === 0 && runner.folder === folder)) return;
    // One that does not start is not missed: whoever needs a kernel starts one, and hears why that fails.
    this.#started(folder).then(
      (kernel) => this.#idle.add(kernel),
      () => {},
    );
  }

  /** A note was built: the cell that was changed is likely to be changed again. */
  built(built: Built): void {
    const before = this.#keys.get(built.note);
    this.#keys.set(built.note, built.keys);
    this.#draws = built.cells.some(showsChart);
    const changed =
      before === undefined || built.keys.length === 0 ? 0 : built.keys.findIndex((key, index) => key !== before[index]);
    if (changed >= 0) this.#last = { ...built, changed: Math.min(changed, built.good) };
  }

  /** The build is over. Where there will be another, a kernel runs the cells before the one that was changed. */
  async rest(): Promise<void> {
    if (!this.#watches) return this.close();
    const last = this.#last;
    this.#last = undefined;
    if (last === undefined) return;
    const halt = new AbortController();
    const kernel = this.#started(last.folder);
    this.#parking = { kernel, halt, done: this.#park(kernel, last, halt.signal) };
  }

  /** Resolves when the kernel of `rest` waits, or has given up. */
  async parked(): Promise<void> {
    await this.#parking?.done;
  }

  async close(): Promise<void> {
    this.#parking?.halt.abort();
    await this.#parking?.kernel.catch(() => undefined);
    this.#parking = undefined;
    const idle = [...this.#idle];
    this.#idle.clear();
    await Promise.all(idle.map(({ runner }) => runner.close()));
  }

  async #park(
    started: Promise<Kernel>,
    { cells, keys, changed, timeout }: Built & { changed: number },
    halt: AbortSignal,
  ) {
    const kernel = await started.catch(() => undefined);
    // As above: the next build says why none starts.
    if (kernel === undefined) return;
    this.#idle.add(kernel);
    for (let count = 1; count <= changed; count++) {
      if (halt.aborted || !this.#idle.has(kernel)) return;
      const { failures } = await kernel.goOn(cells.slice(0, count), keys, { timeout });
      if (failures.every(({ allowed }) => allowed)) continue;
      // It failed where the note did not: beside the kernel that has run it, a port may be taken.
      if (this.#idle.delete(kernel)) await kernel.runner.close();
      return;
    }
  }

  async #started(folder: string): Promise<Kernel> {
    const runner = await CellRunner.open({ openSession: this.#open, folder });
    // Whoever runs a cell waits for it, and hears of its failure.
    runner.start(this.#draws ? DRAWING : "").catch(() => {});
    return new Kernel(runner);
  }
}

function copyOf({ source, metadata, id }: CodeCell): CodeCell {
  return { cell_type: "code", id, metadata: structuredClone(metadata), source, execution_count: null, outputs: [] };
}
