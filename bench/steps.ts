// What is measured, step by step. Clocks run in the client and start just before it sends (or, for starts, just before it
// spawns); a failure of one kernel becomes a note in its column and ends that step for it, not for the others.
import { setTimeout as delay } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { Client, type Message, type Spec } from "../test/client.ts";
import { type Dialect } from "./contestants.ts";
import { memoryOf } from "./memory.ts";
import { type Figure, type Row, median, quantile, show } from "./table.ts";

export interface Kernel {
  name: string;
  version: string;
  spec: Spec;
  dialect: Dialect;
}

const timeout = 20_000;

const UNTYPED = "its language has no types to check";

function hasFailed(figure: Figure | undefined): boolean {
  return figure?.note !== undefined && figure.value === undefined;
}

/** A wait's error without the report of what came instead. */
function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}

export class Bench {
  readonly rows: Row[] = [];
  readonly #kernels: readonly Kernel[];
  readonly #progress: (line: string) => void;
  #turn = 0;

  constructor(kernels: readonly Kernel[], progress: (line: string) => void) {
    this.#kernels = kernels;
    this.#progress = progress;
  }

  /**
   * Start to first `kernel_info_reply`: the request waits at the socket while the process starts. Start to first result:
   * then `1 + 1` at once, until its reply. One start of each beforehand fills the file caches and does not count.
   */
  async starts(runs: number): Promise<void> {
    const info = this.#row("start to first kernel_info_reply");
    const result = this.#row("start to first result");
    await this.#rounds(
      "start",
      runs + 1,
      [info, result],
      async (kernel, round) => {
        const client = await Client.start(kernel.spec, { ready: false, timeout });
        try {
          const since = () => performance.now() - (client.process?.startedAt ?? 0);
          await client.request("shell", "kernel_info_request");
          const answered = since();
          const { content } = await client.request("shell", "execute_request", {
            code: "1 + 1",
            silent: false,
            store_history: true,
            user_expressions: {},
            allow_stdin: false,
            stop_on_error: true,
          });
          const executed = since();
          if (content["status"] !== "ok") throw new Error(`1 + 1 failed: ${JSON.stringify(content)}`);
          if (round === 0) return "first start";
          this.#sample(info, kernel, answered);
          this.#sample(result, kernel, executed);
          return `${show(answered, "ms")}, ${show(executed, "ms")}`;
        } finally {
          await client.close();
        }
      },
      true,
    );
  }

  /**
   * The first cell with types as soon as a kernel has answered, from its start and from sending it: what checks may not be up
   * yet.
   */
  async firstTypes(runs: number): Promise<void> {
    const start = this.#row("start to first result with types");
    const cell = this.#row("first cell with types, asked at once");
    const all = [start, cell];
    await this.#rounds(
      "first cell with types",
      runs,
      all,
      async (kernel) => {
        const code = kernel.dialect.typed?.(0);
        if (code === undefined) throw new Error(UNTYPED);
        const client = await Client.start(kernel.spec, { ready: false, timeout });
        try {
          const since = () => performance.now() - (client.process?.startedAt ?? 0);
          await client.request("shell", "kernel_info_request");
          const answered = since();
          await timed(client, code, "1");
          const executed = since();
          this.#sample(start, kernel, executed);
          this.#sample(cell, kernel, executed - answered);
          return `${show(executed, "ms")}, ${show(executed - answered, "ms")}`;
        } finally {
          await client.close();
        }
      },
      true,
    );
  }

  /**
   * Small cells, each using the variable of the one before: from sending until result, reply and idle status are in. Then the
   * memory of all processes. Then completions of `point.`, which must offer `alpha`.
   */
  async cells(count: number): Promise<void> {
    const [middle, slow] = [this.#row("small cell, median"), this.#row("small cell, p95")];
    const complete = this.#row("complete");
    const once = this.#row("memory, shared pages once", "MB");
    const rss = this.#row("memory, sum of RSS", "MB");
    const all = [middle, slow, complete, once, rss];
    await this.#withClients(all, async (clients) => {
      await this.#rounds(`small cell`, count, all, async (kernel, round) => {
        const { took, late } = await timed(clients.get(kernel), kernel.dialect.small(round), String(round + 1));
        this.#sample(middle, kernel, took);
        this.#sample(slow, kernel, took, (samples) => quantile(samples, 0.95));
        if (late) this.#note(middle, kernel, "of some cells the result came after the idle status");
        return undefined;
      });
      await this.#rounds("memory", 1, [once, rss], async (kernel) => {
        const memory = await memoryOf(clients.get(kernel).pid);
        if (memory === undefined) throw new Error("memory is read from /proc, which this system does not have");
        const note = `${memory.processes} ${memory.processes === 1 ? "process" : "processes"}`;
        this.#sample(once, kernel, memory.once / 1e6);
        this.#sample(rss, kernel, memory.rss / 1e6);
        return note;
      });
      await this.#rounds("complete", 30, [complete], async (kernel, round) => {
        const client = clients.get(kernel);
        if (round === 0) await client.execute(kernel.dialect.point);
        const begun = performance.now();
        const { content } = await client.request("shell", "complete_request", { code: "point.", cursor_pos: 6 });
        this.#sample(complete, kernel, performance.now() - begun);
        const { matches } = content as { matches: string[] };
        if (!matches.some((match) => match.endsWith("alpha")))
          throw new Error(`completing point. offers no alpha: ${matches.join(" ")}`);
        return undefined;
      });
    });
  }

  /**
   * Cells with types, each using the function of the one before, in a kernel that has been idle for a second: the first, and those
   * after it. Then inspection of the last function. A kernel that runs what only its types forbid has not checked them.
   */
  async types(count: number, runs: number): Promise<void> {
    const [first, later] = [
      this.#row("first cell with types, after a second"),
      this.#row("later cells with types, median"),
    ];
    const inspect = this.#row("inspect");
    const all = [first, later, inspect];
    for (let run = 0; run < runs; run++)
      await this.#withClients(all, async (clients) => {
        await delay(1000);
        await this.#rounds("cell with types", count, [first, later], async (kernel, round) => {
          const { name, dialect } = kernel;
          if (dialect.typed === undefined) throw new Error(UNTYPED);
          const { took } = await timed(clients.get(kernel), dialect.typed(round), String(round + 1));
          this.#sample(round === 0 ? first : later, kernel, took);
          if (round + 1 < count || dialect.wrong === undefined) return undefined;
          const { reply } = await clients.get(kernel).execute(dialect.wrong);
          if (reply.content.status === "ok")
            for (const row of [first, later]) this.#note(row, kernel, `${name} runs what only its types forbid`);
          return undefined;
        });
        await this.#rounds("inspect", 10, [inspect], async (kernel) => {
          const client = clients.get(kernel);
          const code = kernel.dialect.typed === undefined ? "print" : `box${count - 1}`;
          const begun = performance.now();
          const question = { code, cursor_pos: code.length, detail_level: 0 };
          const { content } = await client.request("shell", "inspect_request", question);
          this.#sample(inspect, kernel, performance.now() - begun);
          if (content["found"] !== true) throw new Error(`inspecting ${code} finds nothing`);
          return undefined;
        });
      });
  }

  /** From sending the cell until it is idle and every line has arrived, in order; lines that come after idle are noted. */
  async lines(count: number, runs: number): Promise<void> {
    const row = this.#row(`${count.toLocaleString("en")} lines of output`);
    await this.#withClients([row], async (clients) => {
      await this.#rounds(row.name, runs, [row], async (kernel) => {
        const client = clients.get(kernel);
        const begun = performance.now();
        const cell = client.submit(kernel.dialect.lines(count));
        let text = "";
        let idle = false;
        let early = 0;
        const arrived = () => text.split("\n").length - 1;
        try {
          await client.wait(({ header, content, parent }) => {
            if (parent.msg_id !== cell.id) return false;
            if (header.msg_type === "stream") text += String(content["text"]);
            if (content["execution_state"] === "idle") {
              idle = true;
              early = arrived();
            }
            return idle && text.endsWith(`line ${count - 1}\n`);
          }, "end of the output");
        } catch (error) {
          throw new Error(
            `${arrived()} of ${count} lines arrived within ${timeout} ms${idle ? "" : ", and no idle status"}`,
            { cause: error },
          );
        }
        this.#sample(row, kernel, performance.now() - begun);
        await cell.done;
        if (text !== Array.from({ length: count }, (_, index) => `line ${index}\n`).join(""))
          throw new Error("lines are missing or out of order");
        if (early < count) this.#note(row, kernel, "all lines arrived, many of them only after the idle status");
        return `${early} of ${count} before idle`;
      });
    });
  }

  /** An endless loop that has run for 0.2 s: from the interrupt until its reply and idle status. Variables must survive. */
  async interrupts(mode: "message" | "signal", runs: number): Promise<void> {
    const row = this.#row(`interrupt by ${mode === "signal" ? "SIGINT" : mode}`);
    await this.#withClients([row], async (clients) => {
      await this.#rounds(row.name, runs, [row], async (kernel, round) => {
        const client = clients.get(kernel);
        if (round === 0) await client.execute(kernel.dialect.small(0));
        const cell = client.submit(kernel.dialect.loop);
        await cell.until(({ content }) => content["execution_state"] === "busy", "busy status");
        await delay(200); // the busy status comes before the loop runs
        const begun = performance.now();
        const died = client.exited.then(() => Promise.reject(new Error("the interrupt ends the kernel process")));
        if (mode === "signal") await client.interrupt("signal");
        else client.interrupt().catch(() => {}); // a kernel may end the cell and not reply
        await within(3000, Promise.race([cell.done, died]), "the interrupted cell does not end");
        const took = performance.now() - begun;
        await timed(client, kernel.dialect.small(1), "2", 3000).catch((error: unknown) => {
          throw new Error(`the cell after an interrupt fails: ${reason(error)}`, { cause: error });
        });
        this.#sample(row, kernel, took);
        return show(took, "ms");
      });
    });
  }

  /** A cell that ends its process: from sending it until the cell after it has its reply. */
  async deaths(): Promise<void> {
    const row = this.#row("process exit to next result");
    await this.#withClients([row], async (clients) => {
      await this.#rounds(row.name, 3, [row], async (kernel) => {
        const client = clients.get(kernel);
        const begun = performance.now();
        const died = client.exited.then(() =>
          Promise.reject(new Error("a cell that ends its process ends the kernel")),
        );
        const cell = client.execute(kernel.dialect.exit, { timeout: 10_000 });
        await Promise.race([cell, died]);
        await timed(client, "1 + 1", "2", 10_000);
        const took = performance.now() - begun;
        this.#sample(row, kernel, took);
        return show(took, "ms");
      });
    });
  }

  #row(name: string, unit: Row["unit"] = "ms"): Row {
    const row: Row = { name, unit, figures: new Map() };
    this.rows.push(row);
    return row;
  }

  #figure(row: Row, kernel: Kernel): Figure {
    const figure = row.figures.get(kernel.name) ?? {};
    row.figures.set(kernel.name, figure);
    return figure;
  }

  #sample(row: Row, kernel: Kernel, sample: number, summary: typeof median = median): void {
    const figure = this.#figure(row, kernel);
    figure.samples = [...(figure.samples ?? []), sample];
    figure.value = summary(figure.samples);
  }

  #note(row: Row, kernel: Kernel, note: string): void {
    this.#figure(row, kernel).note = note;
  }

  /**
   * Calls `step` for each round and kernel, beginning with another kernel each time; it returns a word on how it went. A
   * failure ends the step for that kernel, unless rounds do not build on one another and it is to go on.
   */
  async #rounds(
    name: string,
    count: number,
    rows: readonly Row[],
    step: (kernel: Kernel, round: number) => Promise<string | undefined>,
    goOn = false,
  ): Promise<void> {
    const stopped = new Set(
      this.#kernels.filter(({ name }) => rows.some(({ figures }) => hasFailed(figures.get(name)))),
    );
    for (let round = 0; round < count; round++) {
      const start = this.#turn++ % this.#kernels.length;
      for (const kernel of [...this.#kernels.slice(start), ...this.#kernels.slice(0, start)]) {
        if (stopped.has(kernel)) continue;
        const title = `${name} ${round + 1}/${count}: ${kernel.name}`;
        try {
          const word = await step(kernel, round);
          if (word !== undefined || round % 25 === 0) this.#progress(word === undefined ? title : `${title}: ${word}`);
        } catch (error) {
          this.#progress(`${title}: ${reason(error)}`);
          if (!goOn) stopped.add(kernel);
          for (const row of rows) {
            const figure = this.#figure(row, kernel);
            const count = figure.samples?.length ?? 0;
            figure.note = `${kernel.name}: ${reason(error)}${count > 0 ? ` (once; the figure is of ${count} that went well)` : ""}`;
          }
        }
      }
    }
  }

  /** Starts every kernel, runs the step, and ends them. */
  async #withClients(
    rows: readonly Row[],
    step: (clients: { get(kernel: Kernel): Client }) => Promise<void>,
  ): Promise<void> {
    const clients = new Map<string, Client>();
    const get = ({ name }: Kernel): Client => {
      const client = clients.get(name);
      if (client === undefined) throw new Error(`${name} has not started`);
      return client;
    };
    try {
      await this.#rounds("start", 1, rows, async (kernel) => {
        clients.set(kernel.name, await Client.start(kernel.spec, { timeout }));
        return "ready";
      });
      await step({ get });
    } finally {
      await Promise.all([...clients.values()].map((client) => client.close()));
    }
  }
}

/** Runs a cell until its reply, its idle status and the result have arrived; `late`: the result came after idle. */
async function timed(
  client: Client,
  code: string,
  result: string,
  limit = timeout,
): Promise<{ took: number; late: boolean }> {
  const begun = performance.now();
  const cell = client.submit(code, { timeout: limit });
  const shown = cell.until((message) => shows(message, result), `result ${result} of ${code}`);
  const [{ outputs }] = await Promise.all([
    cell.done.then((done) => {
      if (done.reply.content.status !== "ok")
        throw new Error(`${code}: ${JSON.stringify(done.reply.content).slice(0, 80)}`);
      return done;
    }),
    shown,
  ]);
  const took = performance.now() - begun;
  return { took, late: !outputs.some((message) => shows(message, result)) };
}

/** Does a message show this text, as a result or (tslab) on stdout? */
function shows({ content }: Message, text: string): boolean {
  const plain = (content["data"] as { "text/plain"?: unknown } | undefined)?.["text/plain"] ?? content["text"];
  return typeof plain === "string" && stripVTControlCharacters(plain).trim() === text;
}

async function within<T>(milliseconds: number, promise: Promise<T>, what: string): Promise<T> {
  const stop = new AbortController();
  const late = delay(milliseconds, undefined, { signal: stop.signal }).then(() =>
    Promise.reject(new Error(`${what} within ${milliseconds} ms`)),
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop.abort();
  }
}
