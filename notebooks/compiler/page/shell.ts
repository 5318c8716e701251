// The frame of every page: head, header, main, scripts, and a policy by which nothing is loaded and no other script runs, whatever stands in
// a note.

import { createHash } from "node:crypto";
import { escapeHtml } from "../callouts.ts";
import { formulaStyle } from "./formulas.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

export interface Shell {
  title: string;
  /** HTML. */
  header: string;
  aside: string;
  main: string;
  /** Scripts beside the one that all pages have. */
  scripts: readonly string[];
  /** JSON, by the ids of their elements. */
  data: Record<string, string>;
  /** Vega compiles expressions. */
  evaluates: boolean;
}

export function shellHtml({ title, header, aside, main, scripts, data, evaluates }: Shell): string {
  const all = [...scripts, SCRIPT];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${securityPolicy(all, evaluates)}">
<meta name="generator" content="adjoint lesson">
<title>${escapeHtml(title)}</title>
<style>${STYLE}${formulaStyle(main)}</style>
</head>
<body>
<a class="skip" href="#text">Skip to the text</a>
<div class="layout">
<header class="page">${header}<button type="button" class="theme">Light or dark</button></header>
${aside === "" ? "<div></div>" : aside}
<main id="text">
${main}
</main>
</div>
${Object.entries(data)
  .map(([id, json]) => `<script type="application/json" id="${id}">${json.replaceAll("<", "\\u003c")}</script>`)
  .join("\n")}
${all.map((code) => `<script>${code}</script>`).join("\n")}
</body>
</html>
`;
}

function securityPolicy(scripts: readonly string[], evaluates: boolean): string {
  const sources = [...scripts.map(scriptHash), ...(evaluates ? ["'unsafe-eval'"] : [])].join(" ");
  return `default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; script-src ${sources}; base-uri 'none'; form-action 'none'`;
}

function scriptHash(code: string): string {
  return `'sha256-${createHash("sha256").update(code).digest("base64")}'`;
}

/** The page with one more script, which may ask the server that the page came from. */
export function withScript(html: string, code: string): string {
  return html
    .replace("script-src ", `connect-src 'self'; script-src ${scriptHash(code)} `)
    .replace("</body>\n</html>", () => `<script>${code}</script>\n</body>\n</html>`);
}
