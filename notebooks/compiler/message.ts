// What the compiler has to say of a note: one sentence with file and line. Nothing is thrown for what a note contains; whoever compiles
// it collects these and goes on, so that a mistake in one place hides nothing elsewhere.

/** `link`: something that it points to is not there; `refuted`: a claim of it. */
export type Severity = "error" | "link" | "refuted" | "warning";

export interface Message {
  severity: Severity;
  file: string;
  /** From 1. */
  line: number;
  text: string;
}

export type Report = (message: Message) => void;

export function formatMessage({ severity, file, line, text }: Message): string {
  return `${file}:${line}: ${severity === "warning" ? "warning: " : ""}${text}`;
}

/** The candidate that is spelled most like `wanted`, if any is near. */
export function nearest(wanted: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.ceil(wanted.length * 0.4)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Insertions, deletions and replacements (Levenshtein, 1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, k) => k);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
