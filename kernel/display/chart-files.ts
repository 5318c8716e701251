// Data that a chart names by their URL. Local files, relative to the working folder, are put into the specification, since a front
// end elsewhere cannot read them; what is on the web is left to the front end, and fetched only to draw the chart's picture.

import { readFileSync, statSync } from "node:fs";
import { extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isObject, type PlainObject } from "./chart-spec.ts";

const FILE_LIMIT = 64_000_000;
/** Milliseconds that all of a chart's downloads may take together; a cell waits for them. */
const DOWNLOAD_LIMIT = 5_000;
const FORMATS = new Set(["json", "csv", "tsv", "dsv", "topojson"]);

/** Every `{url: …}` under a key `data`, at any depth, except in the rows themselves. */
export function dataByUrl(spec: PlainObject): (PlainObject & { url: string })[] {
  const found: (PlainObject & { url: string })[] = [];
  const visit = (node: unknown, isData: boolean): void => {
    if (Array.isArray(node)) {
      for (const item of node) visit(item, isData);
    } else if (isObject(node)) {
      if (isData && typeof node["url"] === "string") found.push(node as PlainObject & { url: string });
      for (const [key, child] of Object.entries(node)) {
        if (key !== "values" && key !== "datasets") visit(child, key === "data");
      }
    }
  };
  visit(spec, false);
  return found;
}

export function isRemote(url: string): boolean {
  return /^([a-z][a-z\d+.-]+:)?\/\//i.test(url) ? !url.startsWith("file:") : url.startsWith("data:");
}

/** The path of a local file that a chart names. */
export function localPath(url: string): string {
  return url.startsWith("file:") ? fileURLToPath(url) : resolve(decodeURI(url));
}

/** Replaces a URL by what it leads to. */
function inline(data: PlainObject & { url: string }, text: string): void {
  const format = isObject(data["format"]) ? data["format"] : {};
  const extension = extname(data.url.replace(/[?#].*$/, "")).slice(1);
  const type = format["type"] ?? (FORMATS.has(extension) ? extension : "json");
  data["values"] = type === "json" || type === "topojson" ? JSON.parse(text) : text;
  data["format"] = { ...format, type };
  Reflect.deleteProperty(data, "url");
}

/** Puts the contents of local files into a specification; throws an Error that names a file which cannot be read. */
export function inlineFiles(spec: PlainObject): void {
  for (const data of dataByUrl(spec)) {
    const { url } = data;
    if (isRemote(url)) continue;
    try {
      const { size } = statSync(localPath(url));
      if (size > FILE_LIMIT)
        throw new RangeError(`it has ${(size / 1e6).toFixed(0)} MB; charts take files of up to 64`);
      inline(data, readFileSync(localPath(url), "utf8"));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`the data '${url}' cannot be read in ${process.cwd()}: ${reason}`, { cause: error });
    }
  }
}

/** Downloads what the remaining URLs name; rejects with an Error that names the one which failed. */
export async function inlineDownloads(spec: PlainObject): Promise<void> {
  const signal = AbortSignal.timeout(DOWNLOAD_LIMIT);
  await Promise.all(
    dataByUrl(spec).map(async (data) => {
      const { url } = data;
      const fail = (reason: string): never => {
        throw new Error(`the data '${url}' could not be loaded: ${reason}`);
      };
      const address = url.startsWith("//") ? `https:${url}` : url;
      const response = await fetch(address, { signal }).catch((error: unknown) => fail(reasonOf(error)));
      if (!response.ok) fail(`${response.status} ${response.statusText}`);
      try {
        inline(data, await response.text());
      } catch (error) {
        fail(reasonOf(error));
      }
    }),
  );
}

/** `fetch` says only that it failed; its cause says why. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
