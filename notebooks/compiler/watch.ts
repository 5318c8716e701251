// `--watch`: builds again what a save concerns, and serves the lessons on this machine alone, so that a browser that shows one loads it again.
// The script for that is in what is served, not in the files.

import { createReadStream, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, extname, relative, resolve, sep } from "node:path";
import { watch as watchFiles } from "chokidar";
import type { Build } from "./build.ts";
import { withScript } from "./page/shell.ts";
import { isFile } from "./vault.ts";

/** Editors save in several steps. */
const SETTLING = 60;

const RELOAD = `
"use strict";
new EventSource("/adjoint-events").addEventListener("built", () => location.reload());
`;

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".ipynb": "application/x-ipynb+json; charset=utf-8",
};

export interface WatchOptions {
  print(line: string): void;
  interrupt: AbortSignal;
}

/** Resolves when it is interrupted. */
export async function watch(build: Build, { print, interrupt }: WatchOptions): Promise<void> {
  const server = new PreviewServer(build.siteFolder());
  const url = await server.listen();
  const [first] = build.inputs;
  await build.rest();
  if (first !== undefined) print(`watching; ${url}${server.addressOf(`${first.stem}.html`)}`);

  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let building = Promise.resolve();
  const rebuild = (): void => {
    building = building.then(async () => {
      if (changed.size === 0 || interrupt.aborted) return;
      const files = new Set(changed);
      changed.clear();
      try {
        await build.run(files);
      } catch (error) {
        // A path that is gone for the moment, while an editor replaces it.
        print(`adjoint: ${(error as Error).message}`);
      }
      server.tell();
      await build.rest();
    });
  };
  const outputs = new Set(build.inputs.flatMap(({ stem }) => [".ipynb", ".html", ".out.md"].map((end) => stem + end)));
  const watcher = watchFiles([...new Set(build.inputs.map(({ file }) => dirname(resolve(file))))], {
    ignoreInitial: true,
    ignored: (path) =>
      /(?:^|[\\/])(?:node_modules|\.[^\\/.][^\\/]*)(?:[\\/]|$)/.test(relative(build.siteFolder(), path)),
  });
  watcher.on("all", (_, path) => {
    if (outputs.has(resolve(path)) || /\.(?:ipynb|html|tmp)$|\.out(?:\.md$|[\\/])/.test(path)) return;
    changed.add(resolve(path));
    clearTimeout(timer);
    timer = setTimeout(rebuild, SETTLING);
  });
  await new Promise<void>((settle) => {
    if (interrupt.aborted) settle();
    else interrupt.addEventListener("abort", () => settle(), { once: true });
  });
  clearTimeout(timer);
  await Promise.all([watcher.close(), server.close()]);
  await building;
}

/** Files below a folder, for browsers of this machine. */
export class PreviewServer {
  readonly #folder: string;
  readonly #listeners = new Set<ServerResponse>();
  readonly #server = createServer((request, response) => this.#answer(request, response));

  constructor(folder: string) {
    this.#folder = resolve(folder);
  }

  /** The address that it is reached by, with a slash at its end. */
  async listen(): Promise<string> {
    await new Promise<void>((settle) => this.#server.listen(0, "127.0.0.1", settle));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  addressOf(path: string): string {
    return relative(this.#folder, path).split(sep).map(encodeURIComponent).join("/");
  }

  /** Something was built. */
  tell(): void {
    for (const listener of this.#listeners) listener.write("event: built\ndata:\n\n");
  }

  async close(): Promise<void> {
    for (const listener of this.#listeners) listener.end();
    this.#server.closeAllConnections();
    await new Promise((settle) => this.#server.close(settle));
  }

  #answer({ url = "/", headers }: IncomingMessage, response: ServerResponse): void {
    // A page from elsewhere must not read it under a name of its own.
    if (!/^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(headers.host ?? "")) return void response.writeHead(403).end();
    if (url === "/adjoint-events") {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" }).write(":\n\n");
      this.#listeners.add(response);
      response.on("close", () => this.#listeners.delete(response));
      return;
    }
    const path = this.#pathOf(url);
    const type = path === undefined ? undefined : TYPES[extname(path)];
    if (path === undefined || type === undefined || !isFile(path)) return void response.writeHead(404).end("not found");
    response.writeHead(200, { "content-type": type, "cache-control": "no-store" });
    if (type.startsWith("text/html")) response.end(withScript(readFileSync(path, "utf8"), RELOAD));
    else
      createReadStream(path)
        .on("error", () => response.destroy())
        .pipe(response);
  }

  #pathOf(url: string): string | undefined {
    try {
      const [address = ""] = url.split(/[?#]/, 1);
      const path = resolve(this.#folder, `.${decodeURIComponent(address)}`);
      const way = relative(this.#folder, path);
      return way.startsWith("..") || resolve(this.#folder, way) !== path ? undefined : path;
    } catch {
      return undefined; // An address that is not encoded as one.
    }
  }
}
