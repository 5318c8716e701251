// Code with its words coloured, and what a terminal would show of escape sequences. Colours are classes: the page has them for light and dark.

import hljs from "highlight.js/lib/common";
import { escapeHtml } from "../callouts.ts";

const NAMES: Record<string, string> = {
  ts: "typescript",
  tsx: "typescript",
  js: "javascript",
  py: "python",
  sh: "bash",
};

export function highlighted(code: string, language: string): string {
  const name = NAMES[language] ?? language;
  if (name === "" || hljs.getLanguage(name) === undefined) return escapeHtml(code);
  return hljs.highlight(code, { language: name, ignoreIllegals: true }).value;
}

const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const SEQUENCE = /\x1b\[([\d;]*)m|\x1b\[[\d;?]*[A-Za-z]|\x1b\][^\x07]*\x07/g;

/** Text with ANSI colours → HTML. A line that was written over keeps what came last. */
export function terminal(text: string): string {
  const visible = text.replaceAll("\r\n", "\n").replace(/^[^\n]*\r(?!$)/gm, "");
  let html = "";
  let at = 0;
  let open: { colour?: string; bold?: boolean } = {};
  const add = (part: string): void => {
    if (part === "") return;
    const classes = [open.bold === true && "ansi-bold", open.colour && `ansi-${open.colour}`].filter(Boolean).join(" ");
    html += classes === "" ? escapeHtml(part) : `<span class="${classes}">${escapeHtml(part)}</span>`;
  };
  for (const { index, 0: all, 1: codes } of visible.matchAll(SEQUENCE)) {
    add(visible.slice(at, index));
    at = index + all.length;
    for (const code of codes === undefined ? [] : codes.split(";").map(Number)) open = after(open, code);
  }
  add(visible.slice(at));
  return html;
}

function after(open: { colour?: string; bold?: boolean }, code: number): { colour?: string; bold?: boolean } {
  if (code === 0) return {};
  if (code === 1) return { ...open, bold: true };
  if (code === 22) return { ...open, bold: false };
  if (code === 39) return open.bold === true ? { bold: true } : {};
  const colour = COLOURS[code >= 90 ? code - 90 : code - 30];
  return colour === undefined || (code > 37 && code < 90) ? open : { ...open, colour };
}
