// `--site`: an index of the lessons with their tags, verdicts and a search, and in each page what links to it. All of it works from files.

import { dirname, join, relative, resolve, sep } from "node:path";
import { replaceFile } from "../../kernel/replace-file.ts";
import { escapeHtml } from "./callouts.ts";
import type { Lesson } from "./compile.ts";
import { isBad, summaryOf } from "./findings.ts";
import { shellHtml } from "./page/shell.ts";
import { lessonHtml, type Writing } from "./write.ts";

export interface Site {
  /** Where the index goes. */
  folder: string;
  title: string;
  hasNotebooks: boolean;
}

/** What is around each page that was written, by its lesson. */
export type WrittenPages = WeakMap<Lesson, string>;

/** Writes the pages of lessons that are new, or that other lessons link to as they did not before, and the index. */
export async function writeSite(
  lessons: readonly Lesson[],
  site: Site,
  writing: Writing,
  written: WrittenPages,
): Promise<void> {
  const sources = backlinks(lessons);
  for (const lesson of lessons) {
    const from = dirname(lesson.input.stem);
    const home = address(from, join(site.folder, "index.html"));
    const before = `<nav aria-label="Site"><a href="${home}">${escapeHtml(site.title)}</a></nav>`;
    const linking = sources.get(resolve(lesson.input.file)) ?? [];
    const after = footer(lesson.tags, linking, (other) => address(from, `${other.input.stem}.html`), home);
    if (written.get(lesson) === before + after) continue;
    written.set(lesson, before + after);
    const html = lessonHtml(lesson, site.hasNotebooks, { ...writing, report: () => undefined }, { before, after });
    await replaceFile(`${lesson.input.stem}.html`, html);
  }
  await replaceFile(join(site.folder, "index.html"), indexHtml(lessons, site));
}

function address(from: string, to: string): string {
  return relative(from, to).split(sep).map(encodeURIComponent).join("/");
}

/** The lessons that link to a note or embed it. */
function backlinks(lessons: readonly Lesson[]): Map<string, Lesson[]> {
  const sources = new Map<string, Lesson[]>();
  for (const lesson of lessons) {
    for (const target of lesson.targets) {
      if (target !== resolve(lesson.input.file)) sources.set(target, [...(sources.get(target) ?? []), lesson]);
    }
  }
  return sources;
}

function footer(
  tags: readonly string[],
  linking: readonly Lesson[],
  addressOf: (lesson: Lesson) => string,
  home: string,
): string {
  if (tags.length === 0 && linking.length === 0) return "";
  const sorted = linking.toSorted((a, b) => a.title.localeCompare(b.title, "en"));
  const links = sorted.map((lesson) => `<li><a href="${addressOf(lesson)}">${escapeHtml(lesson.title)}</a></li>`);
  const named = tags.map((tag) => `<a href="${home}#tag:${encodeURIComponent(tag)}">#${escapeHtml(tag)}</a>`);
  return `<footer>${named.length === 0 ? "" : `<p>Tags: ${named.join(" ")}</p>`}${
    links.length === 0 ? "" : `<h2>Linked from</h2><ul class="backlinks">${links.join("")}</ul>`
  }</footer>`;
}

const SEARCH = `
"use strict";
(() => {
  const texts = JSON.parse(document.getElementById("adjoint-texts").textContent);
  const input = document.querySelector("input[type=search]");
  const items = [...document.querySelectorAll("li[data-lesson]")];
  const status = document.querySelector("[role=status]");
  const find = () => {
    const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    for (const item of items) {
      const text = texts[Number(item.dataset.lesson)];
      item.hidden = !words.every((word) => text.includes(word));
      if (!item.hidden) shown++;
    }
    status.textContent = words.length === 0 ? "" : shown + " of " + items.length + " lessons";
  };
  const tag = () => {
    const [, name] = /^#tag:(.*)$/.exec(location.hash) ?? [];
    if (name !== undefined) { input.value = "#" + decodeURIComponent(name); find(); }
  };
  input.addEventListener("input", find);
  addEventListener("hashchange", tag);
  tag();
})();
`;

function indexHtml(lessons: readonly Lesson[], site: Site): string {
  const sorted = lessons.toSorted((a, b) => a.title.localeCompare(b.title, "en"));
  const items = sorted.map((lesson, index) => {
    const { input, title, tags, findings } = lesson;
    const href = address(site.folder, `${input.stem}.html`);
    const named = tags.map((tag) => `<a href="#tag:${encodeURIComponent(tag)}">#${escapeHtml(tag)}</a>`).join(" ");
    const className = findings.some(isBad)
      ? "refuted"
      : findings.every(({ verdict }) => verdict === "holds")
        ? "holds"
        : "open";
    const verdicts =
      findings.length === 0 ? "" : ` <span class="verdict ${className}">${escapeHtml(summaryOf(findings))}</span>`;
    return `<li data-lesson="${index}"><a href="${href}">${escapeHtml(title)}</a>${verdicts}${named === "" ? "" : `<br>${named}`}</li>`;
  });
  const texts = sorted.map(({ title, tags, notebook }) =>
    [title, ...tags.map((tag) => `#${tag}`), ...notebook.cells.map(({ source }) => source)]
      .join(" ")
      .toLowerCase()
      .replace(/\s+/g, " "),
  );
  const main = `<h1>${escapeHtml(site.title)}</h1>
<p><label>Search <input type="search" autocomplete="off"></label> <span role="status"></span></p>
<ul class="lessons">${items.join("\n")}</ul>`;
  const data = { "adjoint-texts": JSON.stringify(texts) };
  return shellHtml({ title: site.title, header: "", aside: "", main, scripts: [SEARCH], data, evaluates: false });
}
