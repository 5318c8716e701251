// Changes to a note's text, by offset: whatever no edit touches passes through byte by byte, which no printer of a syntax tree could
// promise.

export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** In order, without those that lie inside another one. */
export function settled(edits: readonly Edit[]): Edit[] {
  const kept: Edit[] = [];
  let end = -1;
  for (const edit of edits.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (edit.start < end) continue;
    kept.push(edit);
    end = Math.max(end, edit.end);
  }
  return kept;
}

/** The text from `start` to `end` with the (settled) edits that lie in it. */
export function edited(text: string, edits: readonly Edit[], start: number, end: number): string {
  let result = "";
  let at = start;
  for (let index = firstFrom(edits, start); index < edits.length; index++) {
    const edit = edits[index];
    if (edit === undefined || edit.start >= end) break;
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at, Math.max(at, end));
}

/** The index of the first item that starts at the offset or after it. */
export function firstFrom(items: readonly { start: number }[], offset: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.start ?? Infinity) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
