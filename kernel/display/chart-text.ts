// A chart in one line of text, for a reader without pictures: its title, its marks, and what is on which axis.

import { type ChartLanguage, isObject, type PlainObject } from "./chart-spec.ts";

const ARRANGEMENTS = ["layer", "hconcat", "vconcat", "concat"] as const;
const SAID: Record<(typeof ARRANGEMENTS)[number], string> = {
  layer: " over ",
  hconcat: " beside ",
  vconcat: " above ",
  concat: " and ",
};
const MOST_CHANNELS = 8;
/** Channels that say little about what is seen. */
const MINOR = new Set(["x2", "y2", "order", "key", "href", "url", "tooltip", "description"]);

/** `[Vega-Lite chart "Loss": line with x = step, y = mean(loss); 200 rows]` */
export function chartText(spec: PlainObject, language: ChartLanguage): string {
  const title = textOf(spec["title"]) ?? textOf(spec["description"]);
  const name = `${language === "vega" ? "Vega" : "Vega-Lite"} chart${title === null ? "" : ` "${title}"`}`;
  const content = language === "vega" ? "" : viewText(spec);
  const rows = rowsText(spec["data"]);
  const parts = [content, rows].filter((part) => part !== "").join("; ");
  return `[${parts === "" ? name : `${name}: ${parts}`}]`;
}

/** A title, which may be a text, lines, or an object that has one. */
function textOf(title: unknown): string | null {
  if (typeof title === "string") return title;
  if (Array.isArray(title)) return title.join(" ");
  return isObject(title) ? textOf(title["text"]) : null;
}

function viewText(view: unknown): string {
  if (!isObject(view)) return "";
  for (const arrangement of ARRANGEMENTS) {
    const views = view[arrangement];
    if (Array.isArray(views)) return views.slice(0, 4).map(viewText).filter(Boolean).join(SAID[arrangement]);
  }
  if (isObject(view["spec"])) return `${viewText(view["spec"])}, repeated`;
  const mark = isObject(view["mark"]) ? view["mark"]["type"] : view["mark"];
  const encoding = isObject(view["encoding"]) ? view["encoding"] : {};
  const channels = Object.entries(encoding)
    .map(([channel, definition]): [string, string | null] => [channel, fieldText(definition)])
    .filter(([channel, field]) => field !== null && !MINOR.has(channel))
    .slice(0, MOST_CHANNELS)
    .map(([channel, field]) => `${channel} = ${field}`);
  const marks = typeof mark === "string" ? mark : "";
  return channels.length === 0 ? marks : `${marks} with ${channels.join(", ")}`;
}

function fieldText(definition: unknown): string | null {
  if (!isObject(definition)) return null;
  const { field, aggregate, timeUnit, bin } = definition;
  const name = typeof field === "string" ? field : "";
  const operation = [aggregate, timeUnit].find((operation) => typeof operation === "string");
  if (operation !== undefined) return `${operation}(${name})`;
  if (name === "") return null;
  return bin === true || isObject(bin) ? `bin(${name})` : name;
}

function rowsText(data: unknown): string {
  const values = isObject(data) ? data["values"] : undefined;
  if (!Array.isArray(values)) return "";
  return values.length === 1 ? "1 row" : `${values.length} rows`;
}
