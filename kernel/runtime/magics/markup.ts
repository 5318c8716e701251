// Cells that are something to show: each shows its text as one MIME type.

import { delimited } from "../../display/formats.ts";
import { show } from "../output.ts";
import type { Call, Magic } from "./magic.ts";

const shown: readonly [names: [string, ...string[]], type: string, what: string][] = [
  [["html"], "text/html", "HTML"],
  [["markdown"], "text/markdown", "Markdown"],
  [["svg"], "image/svg+xml", "an SVG picture"],
  [["latex"], "text/latex", "LaTeX: a formula, or text with formulas between $ or $$"],
  [["javascript", "js"], "application/javascript", "JavaScript, which runs in the front end where that allows it"],
];

export const markupMagics: readonly Magic[] = shown.map(([names, type, what]) => ({
  names,
  usage: "",
  help: `Shows the cell as ${what}.`,
  cell: ({ body }: Call) => {
    const content = type === "text/latex" ? delimited(body) : body;
    show({ type: "display_data", data: { [type]: content, "text/plain": body }, metadata: {}, transient: {} });
  },
}));
