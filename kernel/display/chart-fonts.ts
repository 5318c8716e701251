// The fonts of a chart's PNG: those that are bundled, so that there is text on every machine and the same everywhere; and the
// machine's own where a chart names one of them, or has text in a script that the bundled ones lack.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const BUNDLED_FAMILY = "DejaVu Sans";

// dist/kernel/display and dist/bundle/display are equally deep.
const BUNDLED = fileURLToPath(new URL("../../../kernel/display/fonts/", import.meta.url));
const GENERIC = /^(sans-serif|serif|monospace|cursive|fantasy|system-ui|dejavu sans)$/i;
/** What DejaVu Sans lacks: scripts from Syriac to Myanmar and from Hangul on, but not phonetics, symbols and presentation forms. */
const FOREIGN =
  /[\u0700-\u07bf\u0800-\u0e7f\u0f00-\u109f\u1100-\u13ff\u1700-\u1cff\u2e80-\ua4cf\ua960-\ufaff]|[\u{1b000}-\u{1b2ff}\u{1f000}-\u{3ffff}]/u;
/** Fonts known to have many scripts. */
const MANY_SCRIPTS =
  /cjk|droidsansfallback|wqy|unifont|pingfang|hiragino|msyh|msgothic|meiryo|malgun|nirmala|arialuni|noto.?sans/i;

const FILE_LIMIT = 32_000_000;
const TOTAL_LIMIT = 96_000_000;

let bundled: Uint8Array[] | undefined;

/** The contents of the font files with which an SVG is to be drawn. */
export function fontsFor(svg: string): Uint8Array[] {
  bundled ??= ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((name) => readFileSync(join(BUNDLED, name)));
  const families = [...svg.matchAll(/ font-family="([^"]*)"/g)]
    .flatMap(([, list = ""]) => list.split(","))
    .map((family) => family.replaceAll(/&quot;|'/g, "").trim())
    .filter((family) => family !== "" && !GENERIC.test(family));
  const names = families.map((family) => family.replaceAll(/\W/g, "").toLowerCase());
  const foreign = FOREIGN.test(svg);
  if (names.length === 0 && !foreign) return bundled;
  const wanted = (name: string): boolean =>
    names.some((family) => name.startsWith(family)) || (foreign && MANY_SCRIPTS.test(name));
  return [...bundled, ...systemFonts(wanted)];
}

function folders(): string[] {
  const home = homedir();
  if (process.platform === "darwin") {
    return ["/System/Library/Fonts", "/Library/Fonts", join(home, "Library", "Fonts")];
  }
  if (process.platform === "win32") {
    return [
      join(process.env["SystemRoot"] ?? "C:\\Windows", "Fonts"),
      join(process.env["LOCALAPPDATA"] ?? home, "Microsoft", "Windows", "Fonts"),
    ];
  }
  const data = process.env["XDG_DATA_HOME"] ?? join(home, ".local", "share");
  return [join(data, "fonts"), join(home, ".fonts"), "/usr/local/share/fonts", "/usr/share/fonts"];
}

/** The files whose names, in lower case and without spaces and hyphens, are wanted. */
function systemFonts(wanted: (name: string) => boolean): Uint8Array[] {
  const fonts: Uint8Array[] = [];
  let total = 0;
  for (const folder of folders()) {
    for (const file of fontFiles(folder)) {
      const name = file.replace(/^.*[\\/]/, "").replaceAll(/[^\w.]|_/g, "");
      if (!wanted(name.toLowerCase())) continue;
      const { size } = statSync(join(folder, file));
      if (size > FILE_LIMIT || total + size > TOTAL_LIMIT) continue;
      total += size;
      fonts.push(readFileSync(join(folder, file)));
    }
  }
  return fonts;
}

function fontFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
      /\.(ttf|otf|ttc|otc)$/i.test(file),
    );
  } catch {
    return []; // There is no such folder, or it is not ours to read.
  }
}
