// The module "tslab", for notebooks written for that kernel: its public API over this kernel's displays. Nothing of tslab itself is
// needed, nor used when it is installed beside the notebook. The types are declared in kernel/types/tslab.d.ts.
// https://github.com/yunabe/tslab/blob/master/src/public.ts

import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { showValue } from "./display.ts";

/** The version whose public API this is. */
const TSLAB_VERSION = "1.0.22";

interface Versions {
  tslab: string;
  typescript: string;
  node: string;
}

interface Display {
  javascript(s: string): void;
  html(s: string): void;
  markdown(s: string): void;
  latex(s: string): void;
  svg(s: string): void;
  png(b: Uint8Array): void;
  jpeg(b: Uint8Array): void;
  gif(b: Uint8Array): void;
  pdf(b: Uint8Array): void;
  text(s: string): void;
  raw(contentType: string, b: string | Uint8Array): void;
}

export interface TslabModule {
  readonly versions: Versions;
  newDisplay(): Display;
  readonly display: Display;
  readonly default: TslabModule;
}

/** Without an id each call shows something new, with one it replaces what the calls before have shown. */
function createDisplay(id?: string): Display {
  let shown = false;
  const raw = (contentType: string, content: string | Uint8Array): void => {
    if (typeof contentType !== "string")
      throw new TypeError(`display.raw: the first argument must be a MIME type, not ${typeof contentType}`);
    const update = shown;
    if (id !== undefined) shown = true;
    showValue({ [contentType]: content }, { raw: true, update, ...(id !== undefined && { display_id: id }) });
  };
  // Closures, not methods: `const { html } = tslab.display` works.
  return {
    javascript: (s) => raw("text/javascript", s),
    html: (s) => raw("text/html", s),
    markdown: (s) => raw("text/markdown", s),
    latex: (s) => raw("text/latex", s),
    svg: (s) => raw("image/svg+xml", s),
    png: (b) => raw("image/png", b),
    jpeg: (b) => raw("image/jpeg", b),
    gif: (b) => raw("image/gif", b),
    pdf: (b) => raw("application/pdf", b),
    text: (s) => raw("text/plain", s),
    raw,
  };
}

/** The TypeScript that this kernel has, as long as it is installed with it. */
function typescriptVersion(): string {
  const { version } = createRequire(import.meta.url)("typescript/package.json") as { version: string };
  return version;
}

/** What `require("tslab")` gives, and `import * as tslab from "tslab"`. */
export function createTslabModule(): TslabModule {
  const module = {
    versions: { tslab: TSLAB_VERSION, typescript: typescriptVersion(), node: process.version },
    newDisplay: () => createDisplay(randomUUID()),
    display: createDisplay(),
  };
  // tslab has no default export; that `import tslab from "tslab"` works does not show among the keys.
  return Object.defineProperty(module, "default", { value: module }) as TslabModule;
}
