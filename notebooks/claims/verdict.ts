// What was found out about a statement, and how a notebook shows it: a line or a table in Markdown, so that formulas are set, and the same as
// data (`application/vnd.adjoint.verdicts+json`) for whoever builds a page of it.

export type Verdict = "holds" | "refuted (value)" | "refuted (shape)" | "not checkable" | "not checked";

export interface Finding {
  /** The statement, or the formula's TeX. */
  claim: string;
  /** `$$2`, for a formula. */
  place?: string;
  /** The name behind it, for a formula that has one. */
  label?: string;
  verdict: Verdict;
  /** Why, with figures. */
  detail: string;
  /** The largest difference, and the one that would have been allowed. */
  difference?: number;
  tolerance?: number;
  /** What makes the verdict weaker than it looks. */
  warnings: string[];
  /** The name that the formula gives a meaning; it holds by that. */
  defines?: string;
  /** TeX of a formula like it that holds, found by trial. */
  suggestion?: string;
  /** It was expected to be refuted. */
  expected?: "refuted";
}

export const VERDICTS_TYPE = "application/vnd.adjoint.verdicts+json";

const SIGNS: Record<Verdict, string> = {
  holds: "✓",
  "refuted (value)": "✗",
  "refuted (shape)": "✗",
  "not checkable": "?",
  "not checked": "○",
};

/** Findings that a cell shows when they are its value. */
export class Findings {
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    this.findings = findings;
  }

  [Symbol.for("Jupyter.display")](): Record<string, unknown> {
    return {
      [VERDICTS_TYPE]: this.findings.map((finding) => ({ ...finding })),
      "text/markdown": this.findings.length === 1 ? this.#line() : this.#table(),
      "text/plain": this.findings.map(plain).join("\n"),
    };
  }

  #line(): string {
    return this.findings
      .map((finding) => {
        const detail = finding.place === undefined ? ` (${detailText(finding)})` : `  \n${detailText(finding)}`;
        return `${mark(finding)}: ${claimText(finding)}${detail}`;
      })
      .join("\n\n");
  }

  #table(): string {
    const rows = this.findings.map(
      (finding) => `| ${claimText(finding)} | ${mark(finding)} | ${detailText(finding)} |`,
    );
    return ["| formula | verdict | |", "| --- | --- | --- |", ...rows].join("\n");
  }
}

function mark({ verdict, expected, defines }: Finding): string {
  if (defines !== undefined && verdict === "holds") return `**${SIGNS.holds} holds**, by definition`;
  const said =
    expected === undefined
      ? ""
      : verdict.startsWith(expected)
        ? ", as expected"
        : `, though expected to be ${expected}`;
  return `**${SIGNS[verdict]} ${verdict}**${said}`;
}

function claimText({ claim, place }: Finding): string {
  if (place === undefined) return claim.replaceAll("|", "\\|");
  return `$\\displaystyle ${inCell(claim)}$`;
}

function detailText({ detail, warnings, suggestion }: Finding): string {
  const text = [detail, ...warnings.map((warning) => `warning: ${warning}`)].join("; ").replace(/[|$*_<\\`]/g, "\\$&");
  if (suggestion === undefined) return text;
  return `${text}; found by trial, this holds: $${inCell(suggestion)}$`;
}

/** The cell of a table ends at a bar. */
function inCell(tex: string): string {
  return tex
    .replace(/\s*\n\s*/g, " ")
    .replaceAll("\\|", "\\Vert ")
    .replaceAll("|", "\\vert ");
}

function plain(finding: Finding): string {
  const { claim, place, verdict, detail, warnings, suggestion } = finding;
  const what = place === undefined ? claim : `${place} ${claim}`;
  const meant = suggestion === undefined ? [] : [`found by trial, this holds: ${suggestion}`];
  return `${SIGNS[verdict]} ${verdict}: ${what}\n  ${[detail, ...warnings, ...meant].join("; ")}`;
}

/** A number as verdicts state it. */
export function figure(value: number): string {
  return value === 0 ? "0" : value.toExponential(1).replace("e+0", "");
}
