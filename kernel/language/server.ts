// TypeScript 7's language server as a process that is watched: started when first asked, asked with a limit of time, killed when
// it hangs, started again with the open documents when it is gone. No answer is `undefined`, never an exception. The only
// file that speaks the protocol. https://microsoft.github.io/language-server-protocol/

import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type {
  CompletionItem,
  CompletionList,
  CompletionParams,
  DefinitionParams,
  DocumentDiagnosticParams,
  DocumentDiagnosticReport,
  FoldingRange,
  FoldingRangeParams,
  Hover,
  HoverParams,
  InitializeParams,
  Location,
  LocationLink,
  SignatureHelp,
  SignatureHelpParams,
} from "vscode-languageserver-protocol";
import { Connection } from "./json-rpc.ts";

export type {
  CompletionItem,
  Diagnostic,
  Hover,
  Location,
  LocationLink,
  SignatureHelp,
} from "vscode-languageserver-protocol";

/** The requests that are made, each with what it takes and gives. */
interface Requests {
  "textDocument/diagnostic": [DocumentDiagnosticParams, DocumentDiagnosticReport];
  "textDocument/completion": [CompletionParams, CompletionList | CompletionItem[] | null];
  "completionItem/resolve": [CompletionItem, CompletionItem];
  "textDocument/hover": [HoverParams, Hover | null];
  "textDocument/signatureHelp": [SignatureHelpParams, SignatureHelp | null];
  "textDocument/foldingRange": [FoldingRangeParams, FoldingRange[] | null];
  "textDocument/definition": [DefinitionParams, LocationLink[] | Location[] | Location | null];
}

export interface Limits {
  /** Milliseconds to wait for the answer. */
  within: number;
  /** Aborted when nobody waits any more. */
  signal?: AbortSignal | undefined;
}

const CHECK = "textDocument/diagnostic";

export type FileChange = "created" | "changed" | "deleted";
const changeTypes: Record<FileChange, 1 | 2 | 3> = { created: 1, changed: 2, deleted: 3 };

export interface ServerOptions {
  /** The folder of the project. */
  folder: string;
  /** The native executable; the default is that of the package typescript. */
  executable?: string;
  onLog?(line: string): void;
  /** Before each start: the project's files must be there. */
  onStart?(): void;
}

/** Milliseconds after which a server that is late with a check, or with a question, is taken for hung. */
const HUNG = 10_000;
const HUNG_QUESTION = 1500;

/** So many servers in a row that never answered, and no other is started. */
const FAILED_STARTS = 3;

/** What a start and a first answer may take on a busy machine, in milliseconds. */
const STARTING = 10_000;

const require = createRequire(import.meta.url);

/** Throws when there is none for this platform. */
export function typescriptExecutable(): string {
  const typescript = require.resolve("typescript/package.json");
  const native = createRequire(typescript).resolve(
    `@typescript/typescript-${process.platform}-${process.arch}/package.json`,
  );
  return join(dirname(native), "lib", process.platform === "win32" ? "tsc.exe" : "tsc");
}

type Outcome<T> = { answer: T } | "ended" | "late" | "overtaken";

interface Running {
  child: ChildProcess;
  connection: Connection;
  initialized: Promise<void>;
  ended: Promise<"ended">;
  isInitialized: boolean;
  hasAnswered: boolean;
  /** Requests whose time is over. */
  late: number;
}

export class LanguageServer {
  readonly #options: ServerOptions;
  readonly #documents = new Map<string, { text: string; version: number }>();
  #running: Running | undefined;
  #failedStarts = 0;
  #closed = false;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** Whether its process has answered before: then only new code takes time. */
  get isWarm(): boolean {
    return this.#running?.hasAnswered ?? false;
  }

  /** There is none any more: it failed to start again and again, or was closed. */
  get isGone(): boolean {
    return this.#closed || this.#failedStarts >= FAILED_STARTS;
  }

  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /** The text that the document `path` has from now on, whatever is in the file. */
  setDocument(path: string, text: string): void {
    const document = this.#documents.get(path);
    if (document?.text === text) return;
    const version = (document?.version ?? 0) + 1;
    this.#documents.set(path, { text, version });
    const textDocument = { uri: uriOf(path), version };
    if (document !== undefined) this.#notify("textDocument/didChange", { textDocument, contentChanges: [{ text }] });
    else
      this.#notify("textDocument/didOpen", { textDocument: { ...textDocument, languageId: languageOf(path), text } });
  }

  closeDocument(path: string): void {
    if (this.#documents.delete(path)) this.#notify("textDocument/didClose", { textDocument: { uri: uriOf(path) } });
  }

  /** Files that are not open have changed; the server does not look by itself. */
  filesChanged(files: readonly { path: string; change: FileChange }[]): void {
    if (files.length === 0) return;
    const changes = files.map(({ path, change }) => ({ uri: uriOf(path), type: changeTypes[change] }));
    this.#notify("workspace/didChangeWatchedFiles", { changes });
  }

  async request<Method extends keyof Requests>(
    method: Method,
    params: Requests[Method][0],
    limits: Limits,
  ): Promise<Requests[Method][1] | undefined> {
    // One that died, or was killed for what it answered, is replaced, and the new one asked.
    for (let attempt = 0; attempt < 2 && !this.isGone && limits.within > 0; attempt++) {
      // A cell does not wait behind what hangs.
      if (method === CHECK && (this.#running?.late ?? 0) > 0) this.restart();
      const running = (this.#running ??= this.#start());
      if (running === undefined) return undefined;
      const outcome = await this.#ask<Requests[Method][1]>(running, method, params, limits);
      if (typeof outcome === "object") return outcome.answer;
      if (outcome !== "ended") return undefined;
    }
    return undefined;
  }

  /** Starts the process if there is none; resolves when it can be asked. */
  async start(): Promise<void> {
    if (this.isGone) return;
    const running = (this.#running ??= this.#start());
    await Promise.race([running?.initialized.catch(() => {}), running?.ended]); // Its end is what tells.
  }

  /** Ends the process now; the next request starts another. */
  restart(): void {
    this.#running?.child.kill("SIGKILL");
    this.#running = undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const running = this.#running;
    running?.child.kill("SIGKILL");
    await running?.ended;
  }

  #start(): Running | undefined {
    const { folder, onStart, onLog } = this.#options;
    try {
      onStart?.();
      const executable = this.#options.executable ?? typescriptExecutable();
      const child = spawn(executable, ["--lsp", "--stdio"], {
        cwd: folder,
        stdio: ["pipe", "pipe", "ignore"],
        // A group of its own: a Ctrl-C in the terminal is for the kernel.
        detached: process.platform !== "win32",
        windowsHide: true,
      });
      return this.#connect(child);
    } catch (error) {
      onLog?.(`the language server cannot be started: ${String(error)}`);
      this.#failedStarts = FAILED_STARTS;
      return undefined;
    }
  }

  #connect(child: ChildProcess): Running {
    const { stdin, stdout } = child;
    if (stdin === null || stdout === null) throw new Error("a piped descriptor is a stream");
    // It has died, as its exit says, or has written what is no message, and what comes after cannot be read either.
    const connection = new Connection(stdout, stdin, {
      onRequest: answerOf,
      onBroken: () => void child.kill("SIGKILL"),
    });
    const ended = new Promise<"ended">((resolve) => {
      child.once("error", (error) => {
        this.#options.onLog?.(`the language server: ${error.message}`);
        resolve("ended");
      });
      child.once("exit", () => resolve("ended"));
    });
    const initialized = connection.request("initialize", initializeParams(this.#options.folder)).then(() => {
      connection.notify("initialized", {});
      running.isInitialized = true;
      for (const [path, { text, version }] of this.#documents) {
        const textDocument = { uri: uriOf(path), languageId: languageOf(path), version, text };
        this.#notify("textDocument/didOpen", { textDocument }, running);
      }
    });
    initialized.catch(() => child.kill("SIGKILL")); // It cannot be spoken with.
    const mute = setTimeout(() => child.kill("SIGKILL"), STARTING);
    void Promise.race([initialized.catch(() => {}), ended]).then(() => clearTimeout(mute));
    const running: Running = {
      child,
      connection,
      initialized,
      ended,
      isInitialized: false,
      hasAnswered: false,
      late: 0,
    };
    void ended.then(() => {
      connection.close();
      if (!running.hasAnswered) this.#failedStarts++;
      if (this.#running === running) this.#running = undefined;
    });
    return running;
  }

  #notify(method: string, params: object, running = this.#running): void {
    // One that starts reads the files and is told of the documents later.
    if (!running?.isInitialized) return;
    running.connection.notify(method, params);
  }

  async #ask<T>(running: Running, method: string, params: object, { within, signal }: Limits): Promise<Outcome<T>> {
    const send = async (): Promise<T> => (await running.connection.request(method, params, signal)) as T;
    // At once if possible: the documents may be others in a moment.
    const answered = (running.isInitialized ? send() : running.initialized.then(send)).then(
      (answer): Outcome<T> => {
        running.hasAnswered = true;
        this.#failedStarts = 0;
        return { answer };
      },
      (error: unknown): Outcome<T> => {
        if (signal?.aborted) return "overtaken";
        if (hasEnded(running.child)) return "ended";
        // Its own failure while it computed the answer: what it knows is not to be trusted any more.
        this.#options.onLog?.(`the language server: ${method}: ${String(error)}; it is started again`);
        running.child.kill("SIGKILL");
        return "ended";
      },
    );
    let timer: NodeJS.Timeout | undefined;
    let abort: (() => void) | undefined;
    const late = new Promise<Outcome<T>>((resolve) => {
      timer = setTimeout(
        () => resolve("late"),
        method !== CHECK || running.hasAnswered ? within : Math.max(within, STARTING),
      );
    });
    const overtaken = new Promise<Outcome<T>>((resolve) => {
      abort = () => resolve("overtaken");
      if (signal?.aborted) abort();
      else signal?.addEventListener("abort", abort);
    });
    const outcome = await Promise.race([answered, running.ended, late, overtaken]);
    clearTimeout(timer);
    if (abort !== undefined) signal?.removeEventListener("abort", abort);
    if (outcome === "late") this.#expectAnswer(running, method, answered);
    if (outcome === "ended") {
      await running.ended;
      if (this.#running === running) this.#running = undefined;
    }
    return outcome;
  }

  /** What is late may still be worth waiting for: a large package is read only once. Whoever never answers is hung. */
  #expectAnswer(running: Running, method: string, answered: Promise<unknown>): void {
    const milliseconds = method === CHECK ? HUNG : HUNG_QUESTION;
    const timer = setTimeout(() => {
      this.#options.onLog?.(
        `the language server: no answer to ${method} for ${milliseconds / 1000} s; it is started again`,
      );
      running.child.kill("SIGKILL");
    }, milliseconds);
    timer.unref();
    running.late++;
    void Promise.race([answered, running.ended]).then(() => {
      clearTimeout(timer);
      running.late--;
    });
  }
}

function hasEnded({ exitCode, signalCode, killed }: ChildProcess): boolean {
  return killed || exitCode !== null || signalCode !== null;
}

export function uriOf(path: string): string {
  return pathToFileURL(path).href;
}

function languageOf(path: string): string {
  return path.endsWith("x") ? "typescriptreact" : "typescript";
}

/** What the server asks its client. */
function answerOf(method: string, params: unknown): unknown {
  if (method !== "workspace/configuration") return null;
  const { items } = params as { items: readonly unknown[] };
  // Exports of packages that nobody has imported are no names of a cell.
  return items.map(() => ({
    suggest: { autoImports: false },
    preferences: { includeCompletionsForModuleExports: false },
  }));
}

function initializeParams(folder: string): InitializeParams {
  const uri = uriOf(folder);
  const markup: ("markdown" | "plaintext")[] = ["markdown", "plaintext"];
  return {
    processId: process.pid,
    rootUri: uri,
    workspaceFolders: [{ uri, name: "cells" }],
    capabilities: {
      workspace: { configuration: true, didChangeWatchedFiles: { dynamicRegistration: true } },
      textDocument: {
        diagnostic: { relatedInformation: true },
        publishDiagnostics: { relatedInformation: true },
        hover: { contentFormat: markup },
        definition: { linkSupport: true },
        completion: {
          completionItem: {
            snippetSupport: false,
            documentationFormat: markup,
            labelDetailsSupport: true,
            deprecatedSupport: true,
          },
        },
        signatureHelp: {
          signatureInformation: {
            documentationFormat: markup,
            parameterInformation: { labelOffsetSupport: true },
            activeParameterSupport: true,
          },
        },
      },
    },
  };
}
