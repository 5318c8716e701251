// One answer to a question from two: what TypeScript knows of the code, and what the values of the session say. TypeScript comes first;
// values fill in where it knows nothing, and show what a name holds now.

import type { Completions, Explanation } from "./language.ts";
import type { CompleteReply, InspectReply, MimeBundle } from "./session.ts";

/** Either may be missing: the checker does not answer, the runtime is busy. */
export function completeReply(
  types: Completions | undefined,
  values: CompleteReply | undefined,
  cursor: number,
): CompleteReply {
  if (types === undefined) return values ?? { matches: [], start: cursor, end: cursor, types: [] };
  const { start, end } = types;
  const described = types.items.map(({ text, type, signature }) => ({
    text,
    type,
    start,
    end,
    ...(signature !== "" && { signature }),
  }));
  const known = new Set(described.map(({ text }) => text));
  // Members that have types are all there; words in text are no names, nor are keys of objects.
  const enriches = !types.inText && (types.isMember ? known.size === 0 : types.isScope);
  if (enriches && values !== undefined && values.start === start && values.end === end)
    for (const value of values.types)
      if (!known.has(value.text) && value.type !== "keyword") described.push({ ...value, start, end });
  return { matches: described.map(({ text }) => text), start, end, types: described };
}

const LONGEST_VALUE = 500;

export function inspectReply(types: Explanation | undefined, values: InspectReply | undefined): InspectReply {
  if (types === undefined) return values ?? { found: false, data: {} };
  const value = valueOf(values);
  if (value === undefined) return { found: true, data: { "text/markdown": types.markdown, "text/plain": types.plain } };
  return {
    found: true,
    data: {
      "text/markdown": `${types.markdown}\n\n**Value**\n\n\`\`\`javascript\n${value}\n\`\`\``,
      "text/plain": `${types.plain}\n\nValue: ${value}`,
    },
  };
}

/** The page of `NAME?`: what TypeScript says goes before what the name holds. */
export function explainedPage(types: Explanation, page: MimeBundle): MimeBundle {
  const known = !String(page["text/plain"]).endsWith(" is not defined");
  return inspectReply(types, known ? { found: true, data: page } : undefined).data;
}

/** What the name holds, shortened; functions and classes are what their types say, and the help of a magic is no value. */
function valueOf(values: InspectReply | undefined): string | undefined {
  const text = values?.data["text/plain"];
  if (typeof text !== "string") return undefined;
  const [head = "", ...lines] = text.split("\n");
  if (!head.includes(": ") || /: (?:function|class|undefined)$/.test(head)) return undefined;
  const value = lines.join("\n");
  return value.length <= LONGEST_VALUE ? value : `${value.slice(0, LONGEST_VALUE)} …`;
}
