// What the library's displays share: the symbol by which Jupyter kernels ask a value how it shows itself (a convention of Deno's:
// https://docs.deno.com/api/deno/~/Deno.jupyter), escaping for each format, numbers as readers want them, and the rule that a display
// that fails becomes text with its reason. Untrusted notebooks lose scripts, <style>, <svg> and aria-*, so no display needs them
// (https://github.com/jupyterlab/jupyterlab/blob/main/packages/apputils/src/sanitizer.ts).

/** The method under which a value tells how it is shown. */
export const DISPLAY: unique symbol = Symbol.for("Jupyter.display");

/** One value in several formats, by MIME type. */
export type Bundle = Record<string, unknown>;

/** Something that shows itself in a notebook. */
export interface Displayed {
  [DISPLAY](): Bundle | Promise<Bundle>;
}

/** By these methods Node's `console.log` and Deno's ask a value for its text. */
export const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom");
export const DENO_INSPECT: unique symbol = Symbol.for("Deno.customInspect");

/** Something that shows itself, and is text where nothing else is shown. */
export abstract class Display implements Displayed {
  abstract toString(): string;
  abstract [DISPLAY](): Bundle;

  [INSPECT](): string {
    return this.toString();
  }

  [DENO_INSPECT](): string {
    return this.toString();
  }
}

/** How many characters one display may have in all. */
export const CHARACTERS = 200_000;
const NAME_CHARACTERS = 80;
/** Of these, what can be expanded: a notebook holds many displays. */
const PARTS = 80_000;

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
// Only what MathJax and KaTeX both know; a dollar sign or a bar would end the formula or the cell of a table around it.
const LATEX: Record<string, string> = {
  "\\": "\\backslash{}", "{": "\\{", "}": "\\}", $: "＄", "&": "\\&", "#": "\\#", "%": "\\%", _: "\\_", "^": "\\wedge{}", "~": "\\sim{}",
  "<": "\\lt{}", ">": "\\gt{}", "|": "\\vert{}", '"': "''", "`": "'",
}; // prettier-ignore

/** Any text on one line, without control characters, and not too long: names and messages of users. */
export function clip(text: string, characters: number = NAME_CHARACTERS): string {
  // What turns the direction of text could make a name look like another.
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ");
  const points = line.length <= characters ? [] : [...line];
  return points.length <= characters ? line : `${points.slice(0, characters - 1).join("")}…`;
}

/** For an attribute of HTML, between quotes. */
export function escapeAttribute(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/** For the text of an element. JupyterLab and nbconvert typeset `$…$` and `\(…\)` in HTML; a tag between them prevents it. */
export function escapeHtml(text: string): string {
  return escapeAttribute(text).replaceAll(/[$\\]/g, "<span>$&</span>");
}

/** For a formula: a name in upright letters. */
export function escapeLatex(text: string): string {
  const upright = [...text].map((character) => LATEX[character] ?? (character === " " ? "\\ " : character)).join("");
  return `\\mathrm{${upright}}`;
}

/** For a cell of a table in Markdown, or running text: nothing of it is markup, HTML or a formula. */
export function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\p{P}\p{S}]/gu, (mark) => (/[,;…]/.test(mark) ? mark : `&#${mark.codePointAt(0)};`));
}

/** A number with `digits` significant digits, exponents where it would be long. */
export function number(x: number, digits = 4): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  const size = Math.abs(x);
  if (size === 0) return Object.is(x, -0) ? "-0" : "0";
  if (Number.isInteger(x) && size < 1e6) return String(x);
  if (size >= 1e-4 && size < 1e6) {
    const short = String(Number(x.toPrecision(digits)));
    return short.includes("e") ? x.toFixed(0) : short;
  }
  const [mantissa = "", exponent = ""] = x.toExponential(digits - 1).split("e");
  return `${mantissa.replace(/\.?0+$/, "")}e${exponent.replace("+", "")}`;
}

/** A whole number with commas between thousands. */
export function counted(n: number): string {
  return n.toLocaleString("en-US");
}

/** "2nd", "3rd", "4th", "11th". */
export function ordinal(n: number): string {
  const ending = /(?<!1)[123]$/.exec(String(n))?.[0] ?? "";
  return `${counted(n)}${{ 1: "st", 2: "nd", 3: "rd" }[ending] ?? "th"}`;
}

/** "1 row", "1,000 rows". */
export function countOf(n: number, unit: string): string {
  return `${counted(n)} ${unit}${n === 1 ? "" : "s"}`;
}

/** Bytes in the unit that suits. */
export function bytes(n: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let k = 0;
  while (n >= 1000 && k < units.length - 1) {
    n /= 1000;
    k++;
  }
  return `${k === 0 ? n : n.toFixed(n < 10 ? 2 : 1)} ${units[k]}`;
}

/** The text and as many of the parts as fit into a display with it, made one after the other; then how many are left out. */
export function fitting(text: string, parts: readonly (() => string)[], unit: string): string {
  const out = [text];
  let left = Math.min(PARTS, 0.8 * CHARACTERS - text.length);
  for (const part of parts) {
    const next = part();
    left -= next.length;
    if (left < 0) {
      out.push(`<p>${countOf(parts.length + 1 - out.length, unit)} more left out</p>`);
      break;
    }
    out.push(next);
  }
  return out.join("\n");
}

function reasonOf(error: unknown): string {
  return clip(error instanceof Error ? error.message : String(error), 300);
}

/**
 * The text, and the richer formats that `rich` draws. When drawing fails, the text says why in one line, and the cell goes on; so it does
 * when they would take more than {@link CHARACTERS}.
 */
export function bundle(text: () => string, rich: () => Bundle): Bundle {
  let plain: string;
  try {
    plain = text();
  } catch (error) {
    // A display must never be the reason for which a cell fails.
    return { "text/plain": `[not shown: ${reasonOf(error)}]` };
  }
  try {
    const formats = rich();
    let characters = plain.length;
    for (const format of Object.values(formats)) {
      if (typeof format === "string") characters += format.length;
      else if (ArrayBuffer.isView(format)) characters += (format.byteLength * 4) / 3;
    }
    if (characters > CHARACTERS) throw new RangeError(`${countOf(Math.ceil(characters), "character")} are too many`);
    return { ...formats, "text/plain": plain };
  } catch (error) {
    // As above.
    return { "text/plain": `${plain}\n[shown as text only: ${reasonOf(error)}]` };
  }
}
