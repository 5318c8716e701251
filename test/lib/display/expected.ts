// Displays compared with checked-in files, one for each format: test/data/display/NAME.html and its like. `ADJOINT_REWRITE=1 npx mocha …`
// writes them anew; look at the difference before you commit it.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CHARACTERS, DISPLAY } from "../../../lib/display/bundle.ts";

const FOLDER = fileURLToPath(new URL("../../../../test/data/display/", import.meta.url));
const ENDINGS: Record<string, string> = {
  "text/plain": "txt",
  "text/html": "html",
  "text/latex": "tex",
  "text/markdown": "md",
  "image/png": "png",
};

/** The bundle of a value by its own method. */
export function bundleOf(value: object): Record<string, string> {
  const method: unknown = Reflect.get(value, DISPLAY);
  assert.ok(typeof method === "function", "it shows itself");
  return Reflect.apply(method, value, []) as Record<string, string>;
}

/** Compares every format of a value's display with its file; gives the bundle back. */
export function assertExpected(name: string, value: object): Record<string, string> {
  const bundle = bundleOf(value);
  assert.ok(JSON.stringify(bundle).length < CHARACTERS);
  assert.doesNotMatch(bundle["text/plain"] ?? "", /shown as text only|not shown/);
  const files = new Map(
    Object.entries(bundle).map(([type, format]) => {
      assert.ok(ENDINGS[type] !== undefined, type);
      return [
        `${name}.${ENDINGS[type]}`,
        type === "image/png" ? Buffer.from(format, "base64") : Buffer.from(`${format}\n`),
      ];
    }),
  );
  const before = existsSync(FOLDER) ? readdirSync(FOLDER).filter((file) => file.replace(/\.\w+$/, "") === name) : [];
  if (process.env["ADJOINT_REWRITE"] !== undefined) {
    mkdirSync(FOLDER, { recursive: true });
    for (const file of before) rmSync(FOLDER + file);
    for (const [file, content] of files) writeFileSync(FOLDER + file, content);
    return bundle;
  }
  assert.deepEqual([...files.keys()].sort(), before.sort());
  for (const [file, content] of files) {
    const expected = readFileSync(FOLDER + file);
    if (file.endsWith(".png")) assert.ok(content.equals(expected), file);
    else assert.equal(content.toString(), expected.toString(), file);
  }
  return bundle;
}

/** The texts of the cells of each table, row by row, heads included. */
export function tablesOf(html: string): string[][][] {
  return [...html.matchAll(/<table>([^]*?)<\/table>/g)].map(([, table = ""]) =>
    [...table.matchAll(/<tr>([^]*?)<\/tr>/g)].map(([, row = ""]) =>
      [...row.matchAll(/<(t[hd])[^>]*>([^]*?)<\/\1>/g)].map(([, , cell = ""]) => textOf(cell)),
    ),
  );
}

/** What a reader sees of HTML. */
export function textOf(html: string): string {
  const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return html.replaceAll(/<[^>]*>/g, "").replaceAll(/&([#\w]+);/g, (_, name: string) => entities[name] ?? "?");
}

const ELEMENTS = /^(table|caption|thead|tbody|tr|th|td|p|span|details|summary|img)$/;
const ATTRIBUTES = /^( (style|scope|title|alt|src|width|height|colspan)="[^"<>]*")*$/;

/** Throws unless the HTML consists of elements and attributes that untrusted notebooks show, and nothing that runs. */
export function assertPlain(html: string): void {
  for (const [tag, name = "", attributes = ""] of html.matchAll(/<\/?([^\s>]*)([^>]*)>/g)) {
    assert.match(name, ELEMENTS, tag);
    assert.match(attributes, ATTRIBUTES, tag);
  }
  assert.doesNotMatch(html.replaceAll(/<[^>]*>/g, ""), /[<>]/);
}
