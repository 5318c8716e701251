// UTF-8 that was read as Windows-1252 and saved again: `ðŸ˜Š` for 😊, `â€™` for ’. A sequence is repaired only if its bytes are exactly one
// character of UTF-8, and one that mojibake makes of common text: in `“café”…` the last three characters would do as well.

import type { Edit } from "./edits.ts";

/** What bytes 0x80 to 0x9F mean in Windows-1252; the five that it leaves open stay what they are. */
const HIGH = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

const CONTINUATION = `[${HIGH}\u00a0-\u00bf]`;
const SEQUENCE = new RegExp(`[Â-ß]${CONTINUATION}|[à-ï]${CONTINUATION}{2}|[ð-ô]${CONTINUATION}{3}`, "gu");

/** Marks that stand after a letter in text that is as it should be. */
const TYPOGRAPHY = /[‘’“”–—…•›»]$/;

export interface Repair extends Edit {
  /** The sequence as it stands. */
  found: string;
}

export function mojibake(text: string): Repair[] {
  const found: Repair[] = [];
  SEQUENCE.lastIndex = 0;
  for (let match = SEQUENCE.exec(text); match !== null; match = SEQUENCE.exec(text)) {
    const character = decoded(match[0]);
    // What did not decode may hold a sequence that does.
    if (character === null) SEQUENCE.lastIndex = match.index + 1;
    else found.push({ start: match.index, end: match.index + match[0].length, text: character, found: match[0] });
  }
  const long = found.some(
    ({ found: { length }, text: character }) => length > 3 || (length === 3 && isSymbol(character)),
  );
  return found.filter((repair, index) => {
    const { found: sequence, text: character } = repair;
    if (sequence.length > 3 || isSymbol(character)) return true;
    if (sequence.length === 2) return /^[ÂÃ]/.test(sequence) && (long || !TYPOGRAPHY.test(sequence));
    // Words in other scripts come in several characters.
    return [found[index - 1]?.end === repair.start, found[index + 1]?.start === repair.end].includes(true);
  });
}

function isSymbol(character: string): boolean {
  const point = character.codePointAt(0) ?? 0;
  return (point >= 0x2000 && point <= 0x2bff) || point === 0xfe0f || point === 0xfeff;
}

function decoded(sequence: string): string | null {
  const bytes = Uint8Array.from(sequence, (character) => {
    const high = HIGH.indexOf(character);
    return high >= 0 ? 0x80 + high : character.charCodeAt(0);
  });
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null; // It is not UTF-8, so it is what it looks like.
  }
}
