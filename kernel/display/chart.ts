// Charts, as all front ends can show them: vega and vega-lite specifications in the format that JupyterLab and VS Code draw, with an
// SVG and a PNG for those that do not, and a line of text; plotly's by their MIME type. No `text/html`: it would hide the others.

import { isDeepStrictEqual } from "node:util";
import type { Shown } from "./bundle.ts";
import type * as Engine from "./chart-engine.ts";
import { dataByUrl, inlineDownloads, inlineFiles } from "./chart-files.ts";
import {
  type ChartLanguage,
  isObject,
  languageOf,
  plainJson,
  type PlainObject,
  schemaOfVersion5,
  specificationOf,
} from "./chart-spec.ts";
import { chartText } from "./chart-text.ts";
import { chartEngine } from "./engines.ts";
import { isPlotly, plotlyBundle } from "./plotly.ts";
import { textOf } from "./text.ts";

/** Characters of JSON that one chart gives to a front end, and of SVG that it leaves in the notebook. */
const SPEC_LIMIT = 8_000_000;
const SVG_LIMIT = 4_000_000;
/** Bytes for the pictures of a chart whose maker says nothing else. */
const PICTURES = 150_000;

/** A chart as wide as what contains it has no width in JupyterLab, and none in a picture. */
const CONTAINER_SIZE = { width: 600, height: 300 };

/** The chart that an object specifies, or makes a specification of; null when it is no chart, or plotly's either. */
export function chartBundle(value: object): Shown | Promise<Shown> | null {
  const spec = specificationOf(value);
  if (spec !== null) return drawChart(spec);
  return isPlotly(value) ? plotlyBundle(value) : null;
}

/**
 * The chart of a specification, or of a builder; `language` tells what it is when it has no `$schema`. A promise where data have to be
 * downloaded or images loaded. For a specification that is wrong its text and the reason.
 */
export function drawChart(value: object, language: ChartLanguage = "vega-lite"): Shown | Promise<Shown> {
  try {
    const shown = new Chart(specificationOf(value) ?? value, language).show();
    return shown instanceof Promise ? shown.catch((error: unknown) => failed(value, error)) : shown;
  } catch (error) {
    return failed(value, error);
  }
}

/** The chart of a specification that is one, with pictures that take `room` bytes together, if they can; throws, or rejects, with the reason for which it cannot be drawn. */
export function chartPictures(spec: object, language: ChartLanguage, room: number): Shown | Promise<Shown> {
  return new Chart(spec, language, room).show();
}

function failed(value: object, error: unknown): Shown {
  const reason = error instanceof Error ? error.message : String(error);
  return { data: { "text/plain": `${textOf(value)}\n[no chart: ${reason}]` }, metadata: {} };
}

class Chart {
  readonly #language: ChartLanguage;
  /** As the front end gets it. */
  readonly #spec: PlainObject;
  readonly #json: string;
  readonly #warnings: string[] = [];
  readonly #room: number;

  constructor(value: object, language: ChartLanguage, room = PICTURES) {
    this.#room = room;
    const { $schema } = value as { $schema?: unknown };
    this.#language = languageOf($schema) ?? language;
    this.#spec = JSON.parse(plainJson(value, this.#language)) as PlainObject;
    this.#spec["$schema"] = schemaOfVersion5(this.#language, $schema);
    for (const [side, size] of Object.entries(CONTAINER_SIZE)) {
      if (this.#spec[side] === "container") this.#spec[side] = size;
    }
    inlineFiles(this.#spec);
    this.#json = JSON.stringify(this.#spec);
  }

  show(): Shown | Promise<Shown> {
    // Vega changes the rows that it is given.
    const drawn = JSON.parse(this.#json) as PlainObject;
    if (dataByUrl(drawn).length === 0) return this.#draw(drawn);
    return inlineDownloads(drawn).then(
      () => this.#draw(drawn),
      (error: unknown) => {
        this.#warnings.push(`${error instanceof Error ? error.message : String(error)}; only the front end draws it`);
        return this.#bundle(null);
      },
    );
  }

  #draw(spec: PlainObject): Shown | Promise<Shown> {
    const drawing = chartEngine().draw(spec, this.#language, this.#room);
    return drawing instanceof Promise ? drawing.then((drawn) => this.#bundle(drawn)) : this.#bundle(drawing);
  }

  #bundle(drawing: Engine.Drawing | null): Shown {
    const shown: Shown = { data: {}, metadata: {} };
    // That there is nothing to see yet is no warning.
    const isEmpty = isObject(this.#spec["data"]) && isDeepStrictEqual(this.#spec["data"]["values"], []);
    const warnings = drawing?.warnings ?? [];
    this.#warnings.push(...warnings.filter((warning) => !isEmpty || !warning.startsWith("Infinite extent")));
    if (this.#json.length <= SPEC_LIMIT) {
      shown.data[`application/vnd.${this.#language.replace("-", "")}.v5+json`] = this.#spec;
    }
    if (drawing !== null) {
      const { svg, png, width, height } = drawing;
      if (svg !== null && svg.length <= SVG_LIMIT) shown.data["image/svg+xml"] = svg;
      if (png !== null) {
        shown.data["image/png"] = png.toString("base64");
        shown.metadata["image/png"] = { width, height };
      }
    }
    if (this.#json.length > SPEC_LIMIT) {
      const size = (this.#json.length / 1e6).toFixed(0);
      const how = Object.keys(shown.data).length > 0 ? "is shown as a picture" : "cannot be shown";
      this.#warnings.push(`the chart has ${size} MB of data and ${how}; aggregate them, or take a sample`);
    }
    shown.data["text/plain"] = chartText(this.#spec, this.#language);
    for (const warning of this.#warnings) warn(`${this.#language}: ${warning}\n`);
    return shown;
  }
}

/** Milliseconds for which a warning is not repeated: a chart that is updated in a loop would fill the cell with it. */
const REPETITION = 1000;
const warned = new Map<string, number>();

function warn(text: string): void {
  const now = performance.now();
  for (const [other, at] of warned) if (now - at > REPETITION) warned.delete(other);
  if (!warned.has(text)) process.stderr.write(text);
  warned.set(text, now);
}
