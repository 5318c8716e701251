// A lesson as one HTML file that needs no network: its text, code and outputs, formulas with their verdicts beside them, a table of contents,
// and all styles, fonts and scripts inside. Made of the notebook, so that both show the same.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Cell, CodeCell, Notebook } from "../../../kernel/notebook.ts";
import type { Verdict } from "../../claims/verdict.ts";
import { isFormulaCell } from "../claim-cells.ts";
import { escapeHtml } from "../callouts.ts";
import { codeCells, markOf } from "../cells.ts";
import { type PlacedFinding, summaryOf } from "../findings.ts";
import { highlighted } from "./code.ts";
import { typeset } from "./formulas.ts";
import { anchors, type MarkdownContext, markdownHtml } from "./markdown.ts";
import { outputHtml } from "./outputs.ts";
import { shellHtml } from "./shell.ts";

export interface PageOptions {
  title: string;
  notebook: Notebook;
  findings: readonly PlacedFinding[];
  /** The notebook's name, and its address: of a file, or with the notebook inside. */
  notebookName: string;
  notebookHref: string;
  linkTo(href: string): string;
  /** HTML above and below the text: links to an index, for example. */
  before?: string;
  after?: string;
}

export function pageHtml(options: PageOptions): string {
  return new Page(options).html();
}

const SIGNS: Record<Verdict, [sign: string, className: string]> = {
  holds: ["✓", "holds"],
  "refuted (value)": ["✗", "refuted"],
  "refuted (shape)": ["✗", "refuted"],
  "not checkable": ["?", "open"],
  "not checked": ["○", "open"],
};

class Page {
  readonly #options: PageOptions;
  readonly #headings: { depth: number; text: string; id: string }[] = [];
  readonly #anchor = anchors();
  readonly #charts: string[] = [];
  /** Those that no formula has yet, by their TeX, in the order of the text. */
  readonly #unplaced = new Map<string, PlacedFinding[]>();

  readonly #numbers: ReadonlyMap<PlacedFinding, number>;
  readonly #codeCells: ReadonlyMap<string, CodeCell>;

  constructor(options: PageOptions) {
    this.#options = options;
    this.#numbers = new Map(options.findings.map((finding, index) => [finding, index]));
    this.#codeCells = new Map(codeCells(options.notebook).map((cell) => [cell.id, cell]));
    for (const finding of options.findings) {
      if (finding.place === undefined) continue;
      const key = formulaKey(finding.claim, finding.place.startsWith("$$"));
      this.#unplaced.set(key, [...(this.#unplaced.get(key) ?? []), finding]);
    }
  }

  html(): string {
    const { title, notebook, notebookName, notebookHref, before = "", after = "" } = this.#options;
    const cells = notebook.cells.map((cell) => this.#cell(cell));
    const first = cells.findIndex((html) => html.includes("<h1"));
    cells.splice(first + 1, 0, this.#summary());
    const body = cells.filter((html) => html !== "").join("\n");
    const download = `<a href="${escapeHtml(notebookHref)}" download="${escapeHtml(notebookName)}">Open as notebook</a>`;
    return shellHtml({
      title,
      header: before + download,
      aside: this.#contents(),
      main: body + after,
      scripts: this.#chartScripts(),
      data: Object.fromEntries(this.#charts.map((json, index) => [`adjoint-chart-${index}`, json])),
      evaluates: this.#charts.length > 0,
    });
  }

  #contents(): string {
    const items = this.#headings
      .filter(({ depth }) => depth > 1)
      .map(
        ({ depth, text, id }) =>
          `<li class="d${depth}"><a href="#${encodeURIComponent(id)}">${escapeHtml(text.replaceAll("$", ""))}</a></li>`,
      );
    if (items.length === 0) return "";
    return `<nav class="contents" aria-label="Contents"><details open><summary>Contents</summary><ol>${items.join("")}</ol></details></nav>`;
  }

  #summary(): string {
    const { findings } = this.#options;
    if (findings.length === 0) return "";
    const items = findings.map((finding, index) => {
      const name =
        finding.place === undefined
          ? escapeHtml(finding.claim)
          : this.#markdown(`$${finding.claim.replace(/\s*\n\s*/g, " ")}$`).replace(/^<p>|<\/p>\s*$/g, "");
      return `<li id="claim-${index + 1}">${badge(finding, this.#isShown(finding.cell) ? undefined : "")} ${name}: ${reasonHtml(finding)}</li>`;
    });
    return `<details class="summary"><summary>Claims: ${escapeHtml(summaryOf(findings))}</summary><ul>${items.join("")}</ul></details>`;
  }

  #cell(cell: Cell): string {
    if (cell.cell_type === "code") return this.#codeCell(cell);
    if (cell.cell_type === "raw") return "";
    const attachments = (cell as { attachments?: Record<string, Record<string, string>> }).attachments ?? {};
    const html = this.#markdown(cell.source.replace(/\n\n<small>○ not checked: [^\n]*<\/small>$/, ""), {
      attachments: Object.fromEntries(
        Object.entries(attachments).flatMap(([name, bundle]) =>
          Object.entries(bundle).map(([type, base64]) => [name, pictureUri(type, base64)]),
        ),
      ),
    });
    if (cell.metadata["jp-MarkdownHeadingCollapsed"] !== true) return html;
    return `<details class="empty"><summary>${escapeHtml(cell.source.replace(/^#+\s*/, ""))}</summary>${html}<p class="fold-hint">Nothing is here yet.</p></details>`;
  }

  #codeCell(cell: CodeCell): string {
    const mark = markOf(cell);
    const jupyter = (cell.metadata["jupyter"] ?? {}) as { source_hidden?: boolean; outputs_hidden?: boolean };
    // Their verdicts stand beside the formulas.
    if (isVerdictCell(cell)) return "";
    const code = `<div class="input"><pre tabindex="0"><code class="language-typescript">${highlighted(cell.source, "typescript")}</code></pre><button type="button" class="copy">Copy</button></div>`;
    const input =
      jupyter.source_hidden === true
        ? `<details class="code"><summary>Code</summary>${code}</details>`
        : cell.source.trim() === ""
          ? ""
          : code;
    const outputs = cell.outputs.map((output) =>
      outputHtml(output, {
        markdown: (source) => this.#markdown(source),
        chart: (specification) => this.#charts.push(JSON.stringify(specification)) - 1,
      }),
    );
    const shown = outputs.join("\n");
    const output =
      shown === ""
        ? ""
        : jupyter.outputs_hidden === true
          ? `<details><summary>Output</summary><div class="outputs">${shown}</div></details>`
          : `<div class="outputs">${shown}</div>`;
    // The formula and its verdict stand right above: how it was found out is for those who ask.
    if (isBound(mark?.claims)) {
      return `<details class="code"><summary>How it was checked</summary><div class="cell" id="cell-${cell.id}">${code}${output}</div></details>`;
    }
    // Where the code is hidden, what it shows is what the reader came for.
    const parts = jupyter.source_hidden === true ? output + input : input + output;
    return `<div class="cell" id="cell-${cell.id}">${parts}</div>`;
  }

  /** Without attachments: of an output, whose headings are none of the page's. */
  #markdown(source: string, cell?: { attachments: Record<string, string> }): string {
    const { linkTo } = this.#options;
    const context: MarkdownContext = {
      attachments: cell?.attachments ?? {},
      linkTo,
      beside: (tex, display) => (cell === undefined ? "" : this.#beside(tex, display)),
      heading: (depth, text) => {
        const id = this.#anchor(text);
        if (cell !== undefined) this.#headings.push({ depth, text, id });
        return id;
      },
    };
    return markdownHtml(source, context);
  }

  #beside(tex: string, display: boolean): string {
    const finding = this.#unplaced.get(formulaKey(tex, display))?.shift();
    if (finding === undefined) return "";
    const id = finding.label === undefined ? "" : ` id="^${finding.label}"`;
    const { verdict } = finding;
    if (!display && verdict === "not checked") return "";
    const link = this.#isShown(finding.cell) ? undefined : `#claim-${(this.#numbers.get(finding) ?? 0) + 1}`;
    const why = display && verdict.startsWith("refuted") ? `<small class="why">${reasonHtml(finding)}</small>` : "";
    return `<span${id}></span> ${badge(finding, link, !display)}${why}`;
  }

  /** Cells that show verdicts only are not on the page. */
  #isShown(id: string | undefined): boolean {
    if (id === undefined) return true;
    const cell = this.#codeCells.get(id);
    return cell !== undefined && !isVerdictCell(cell);
  }

  #chartScripts(): string[] {
    if (this.#charts.length === 0) return [];
    const require = createRequire(import.meta.url);
    return ["vega/build/vega.min.js", "vega-lite/build/vega-lite.min.js"].map((file) =>
      readFileSync(require.resolve(file), "utf8")
        .replace(/\n\/\/# sourceMappingURL=.*\s*$/, "")
        .replaceAll("</script", "<\\/script"),
    );
  }
}

/** A cell that checks formulas as they are written. */
function isVerdictCell(cell: CodeCell): boolean {
  const jupyter = (cell.metadata["jupyter"] ?? {}) as { source_hidden?: boolean };
  return isFormulaCell(cell.source) && jupyter.source_hidden === true && markOf(cell)?.claims !== undefined;
}

/** Within a line there is room for the sign. With an empty `href`, it is no link. */
function badge(finding: PlacedFinding, href?: string, short = false): string {
  const { verdict, detail, warnings, cell, expected, defines } = finding;
  const [sign, className] = SIGNS[verdict];
  const isExpected = expected !== undefined && verdict.startsWith(expected);
  const said = isExpected ? `${verdict}, as expected` : defines === undefined ? verdict : `${verdict}, by definition`;
  const title = escapeHtml([detail, ...warnings].join("; "));
  const text = short
    ? `${sign}<span class="unseen"> ${escapeHtml(said)}</span>`
    : `${sign} ${escapeHtml(said)}${warnings.length > 0 && verdict === "holds" ? ", with a warning" : ""}`;
  const link = href ?? (cell === undefined ? undefined : `#cell-${cell}`);
  if (!link) return `<span class="verdict ${className}" title="${title}">${text}</span>`;
  return `<a class="verdict ${className}" title="${title}" href="${link}">${text}</a>`;
}

function reasonHtml({ detail, warnings, suggestion }: PlacedFinding): string {
  const text = escapeHtml([detail, ...warnings].join("; "));
  return suggestion === undefined ? text : `${text}; found by trial, this holds: ${typeset(suggestion, false).html}`;
}

/** Whether a cell is bound to a formula, which is called by its place. */
function isBound(claims: readonly string[] | undefined): boolean {
  return claims?.length === 1 && /^\$\$?\d+$/.test(claims[0] ?? "");
}

function formulaKey(tex: string, display: boolean): string {
  const plain = tex
    .replace(/\\vert /g, "|")
    .replace(/\\Vert /g, "\\|")
    .replace(/\s+/g, "")
    .replace(/[.,;:]$/, "");
  return `${display ? "$$" : "$"}${plain}`;
}

function pictureUri(type: string, base64: string): string {
  return `data:${type};base64,${base64.replace(/\s/g, "")}`;
}
