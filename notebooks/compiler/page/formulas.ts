// TeX → HTML with MathML beside it for screen readers (KaTeX), and the fonts that a page's formulas need, inside the page.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import katex from "katex";
import { escapeHtml } from "../callouts.ts";

export interface Typeset {
  html: string;
  /** Why it could not be set; the HTML shows its TeX then. */
  problem: string | undefined;
}

/** Formulas come back: in a summary, in the next build. */
const known = new Map<string, Typeset>();
const MOST_KNOWN = 5000;

export function typeset(tex: string, display: boolean): Typeset {
  const key = `${display ? "$$" : "$"}${tex}`;
  const found = known.get(key) ?? set(tex, display);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, found);
  return found;
}

function set(tex: string, display: boolean): Typeset {
  // It warns on the terminal of characters whose size it does not know.
  const { warn } = console;
  console.warn = () => undefined;
  try {
    const html = katex.renderToString(tex, {
      displayMode: display,
      output: "htmlAndMathml",
      throwOnError: true,
      strict: "ignore",
      // Neither links nor pictures in formulas; and no macro that runs away.
      trust: false,
      maxExpand: 1000,
      maxSize: 50,
    });
    return { html, problem: undefined };
  } catch (error) {
    // A ParseError of KaTeX's: its message has a prefix and the place.
    const reason =
      error instanceof Error
        ? error.message.replace(/^KaTeX parse error: /, "").replace(/( at (?:end of input|position \d+)): [^]*$/, "$1")
        : String(error);
    return { html: `<code class="tex-error">${escapeHtml(tex)}</code>`, problem: reason };
  } finally {
    console.warn = warn;
  }
}

/** Which classes of KaTeX's markup are set in which family. */
const FAMILIES: [family: string, classes: RegExp][] = [
  ["Main", /./],
  ["Math", /mathnormal|boldsymbol|mathit/],
  ["Size1", /size1|delimsizing|op-symbol/],
  ["Size2", /size2|op-symbol|large-op/],
  ["Size3", /size3/],
  ["Size4", /size4|delim-size4/],
  ["AMS", /amsrm|mathbb|textbb|mathnormal/],
  ["Caligraphic", /mathcal/],
  ["Fraktur", /mathfrak|textfrak|mathboldfrak|textboldfrak/],
  ["SansSerif", /mathsf|textsf|mathboldsf|textboldsf|mathsfit/],
  ["Script", /mathscr|textscr/],
  ["Typewriter", /mathtt|texttt/],
];

let style: { css: string; folder: string } | undefined;
const fonts = new Map<string, string>();

/** KaTeX's style sheet with the fonts that the formulas in `html` need. */
export function formulaStyle(html: string): string {
  if (!html.includes('class="katex')) return "";
  if (style === undefined) {
    const path = createRequire(import.meta.url).resolve("katex/dist/katex.min.css");
    style = { css: readFileSync(path, "utf8"), folder: dirname(path) };
  }
  const { css, folder } = style;
  const classes = new Set([...html.matchAll(/class="([^"]*)"/g)].flatMap(([, names = ""]) => names.split(" ")));
  const used = FAMILIES.filter(([, needed]) => [...classes].some((name) => needed.test(name))).map(
    ([family]) => family,
  );
  return css.replace(/@font-face\{[^}]*\}/g, (face) => {
    const family = /font-family:KaTeX_(\w+)/.exec(face)?.[1] ?? "";
    const file = /url\((fonts\/[\w-]+\.woff2)\)/.exec(face)?.[1];
    if (file === undefined || !used.includes(family)) return "";
    const font = fonts.get(file) ?? readFileSync(join(folder, file), "base64");
    fonts.set(file, font);
    return face.replace(/src:[^;}]*/, `src:url(data:font/woff2;base64,${font}) format("woff2")`);
  });
}
