// Vega's SVG without what no reader sees: it writes coordinates with 15 digits, the same colours and fonts on each mark, and for each mark what
// it is called, which nobody is told within a picture (https://www.w3.org/TR/wai-aria-1.2/#childrenArePresentational). What is left is a
// third, and the same picture.

/** Attributes that marks have from their group where they have none of their own: https://www.w3.org/TR/SVG2/propidx.html. */
const INHERITED = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
  "font-family", "font-size", "font-weight", "font-style", "text-anchor",
]; // prettier-ignore
const MARK = /<(path|circle|line|rect|text)\b([^>]*?)(\/>|>[^<]*<\/\1>)/g;
const MARKS = /<g([^>]*)>((?:<(path|circle|line|rect|text)\b[^>]*?(?:\/>|>[^<]*<\/\3>)){2,})<\/g>/g;
/** Characters of a path that is a line through many points, whose places are read more coarsely than the radius of one. */
const LONG = 200;

export function shortSvg(svg: string): string {
  const root = svg.indexOf(">") + 1;
  const body = svg
    .slice(root)
    .replaceAll(/<path class="(?:back|fore)ground"[^>]*? d="(?:M0,0h0v0h0Z)?"[^>]*?\/>/g, "")
    .replaceAll(/<(?:g|path|line|rect|text|image)\b[^>]*>/g, shortTag)
    .replaceAll(MARKS, (whole, own: string, marks: string) => grouped(own, marks) ?? whole);
  return svg.slice(0, root) + withoutEmpty(body);
}

function shortTag(tag: string): string {
  const plain = tag
    .replaceAll(/ (?:class|role|aria-[a-z]+|pointer-events)="[^"]*"/g, "")
    .replaceAll(/ (?:fill-|stroke-)?(?:opacity|width)="1"/g, (attribute) =>
      attribute === ' width="1"' ? attribute : "",
    ) // prettier-ignore
    .replace(/ transform="translate\(0,0\)"/, "")
    .replaceAll(/"rgb\((\d+), (\d+), (\d+)\)"/g, (_, ...channels: string[]) => `"#${channels.slice(0, 3).map(hexadecimal).join("")}"`); // prettier-ignore
  const round = circle(plain);
  if (round !== null) return round;
  // What is scaled is larger, or smaller, than it says.
  if (plain.includes("scale(") || plain.includes("matrix(")) return plain;
  return plain
    .replace(/translate\([^)]*\)/, (place) => rounded(place, 1))
    .replace(/ d="[^"]*"/, (path) => rounded(path, path.length > LONG ? 1 : 2))
    .replaceAll(/ (?:x[12]?|y[12]?)="[^"]*"/g, (place) => rounded(place, 2));
}

/** Vega's way to say a circle. */
const CIRCLE =
  /^<path transform="translate\(([-\d.e]+),([-\d.e]+)\)" d="M([\d.]+),0A\3,\3,0,1,1,-\3,0A\3,\3,0,1,1,\3,0"(.*)$/;

function circle(tag: string): string | null {
  const [, x = "", y = "", r = "", rest] = CIRCLE.exec(tag) ?? [];
  return rest === undefined ? null : `<circle cx="${rounded(x, 1)}" cy="${rounded(y, 1)}" r="${rounded(r, 2)}"${rest}`;
}

function hexadecimal(channel: string): string {
  return Number(channel).toString(16).padStart(2, "0");
}

function rounded(text: string, digits: number): string {
  return text.replaceAll(/-?\d*\.\d+(?:e-?\d+)?/g, (number) => String(Number(Number(number).toFixed(digits))));
}

/** Marks of one group, with what they have in common on the group; null where they have nothing. */
function grouped(own: string, marks: string): string | null {
  const all = [...marks.matchAll(MARK)].map(([, name = "", attributes = "", end = ""]) => {
    return { name, end, attributes: new Map([...attributes.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, value])) }; // prettier-ignore
  });
  const common = new Map<string, string>();
  for (const key of INHERITED) {
    const counts = new Map<string, number>();
    for (const { attributes } of all) {
      const value = attributes.get(key);
      if (value === undefined) counts.clear();
      if (value === undefined) break;
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const [most] = [...counts].sort(([, a], [, b]) => b - a);
    if (most !== undefined && !own.includes(` ${key}="`)) common.set(key, most[0]);
  }
  if (common.size === 0) return null;
  const write = (attributes: Iterable<[string, string]>): string =>
    [...attributes].map(([key, value]) => ` ${key}="${value}"`).join("");
  const written = all.map(({ name, end, attributes }) => {
    const left = [...attributes].filter(([key, value]) => common.get(key) !== value);
    return `<${name}${write(left)}${end}`;
  });
  return `<g${own}${write(common)}>${written.join("")}</g>`;
}

/** Groups around nothing, and those that say nothing. */
function withoutEmpty(svg: string): string {
  let before: string;
  let after = svg;
  do {
    before = after;
    after = before.replaceAll(/<g(?: [^>]*)?(?:\/>|(?<!\/)><\/g>)/g, "");
  } while (after.length < before.length);
  return after;
}
