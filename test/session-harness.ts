// A session with its real runtime process and no sockets, for tests that speak of cells: `run` a cell, read what it showed.
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createSession,
  type ErrorReply,
  type ExecuteOptions,
  type ExecuteReply,
  type InputRequest,
  type MimeBundle,
  type Output,
  type Session,
  type SessionOptions,
} from "../kernel/session.ts";

/** What a cell has shown so far, also after its end. */
export class Cell {
  readonly outputs: Output[] = [];
  reply: ExecuteReply | undefined;
  #waiting: (() => void)[] = [];

  add(output: Output): void {
    this.outputs.push(output);
    for (const check of this.#waiting) check();
  }

  text(name: "stdout" | "stderr" = "stdout"): string {
    return this.outputs.map((output) => (output.type === "stream" && output.name === name ? output.text : "")).join("");
  }

  /** The bundle of the result, or its plain text, without colours. */
  get bundle(): MimeBundle | undefined {
    return this.outputs.find((output) => output.type === "execute_result")?.data;
  }
  get result(): unknown {
    const text = this.bundle?.["text/plain"];
    return typeof text === "string" ? text.replace(/\u001b\[[\d;]*m/g, "") : text;
  }

  /** The text of the page with which the cell was answered. */
  get page(): unknown {
    const [payload] = this.reply?.status === "ok" ? this.reply.payload : [];
    return payload?.source === "page" ? payload.data["text/plain"] : undefined;
  }

  get errors(): ErrorReply[] {
    return this.outputs.flatMap((output) =>
      output.type === "error" ? [{ ...output, status: "error" as const, traceback: output.traceback }] : [],
    );
  }

  /** The traceback of the one error as the user reads it, without colours. */
  get traceback(): string {
    return this.errors
      .flatMap(({ traceback }) => traceback)
      .join("\n")
      .replace(/\u001b\[[\d;]*m/g, "");
  }

  /** Resolves when an output satisfies `predicate`, at once if one has already. */
  until(predicate: (cell: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!predicate(this)) return;
        this.#waiting = this.#waiting.filter((other) => other !== check);
        resolve();
      };
      this.#waiting.push(check);
      check();
    });
  }
}

export class TestSession {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "adjoint-test-")));
  readonly log: string[] = [];
  readonly session: Session<Cell>;
  /** How questions are answered. */
  answer: (request: InputRequest, signal: AbortSignal) => string | null | Promise<string | null> = () => null;
  #count = 0;

  constructor(options: Partial<SessionOptions<Cell>> = {}) {
    this.session = createSession<Cell>({
      onOutput: (output, cell) => cell.add(output),
      onInput: async (request, _cell, signal) => this.answer(request, signal),
      onLog: (line) => this.log.push(line),
      folder: this.folder,
      // Cells of tests may throw what types would forbid; those about types say so.
      typecheck: "off",
      ...options,
    });
  }

  /** Starts a cell; its `reply` comes with `done`. */
  start(code: string, options: Partial<ExecuteOptions<Cell>> = {}): { cell: Cell; done: Promise<Cell> } {
    const cell = new Cell();
    const done = this.session
      .execute(code, { origin: cell, executionCount: ++this.#count, ...options })
      .then((reply) => Object.assign(cell, { reply }));
    return { cell, done };
  }

  run(code: string, options: Partial<ExecuteOptions<Cell>> = {}): Promise<Cell> {
    return this.start(code, options).done;
  }

  async close(): Promise<void> {
    await this.session.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
