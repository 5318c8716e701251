// Draws a chart without a browser: vega-lite compiles, vega draws SVG, and resvg makes a PNG of it.
// A file of its own, loaded with the first chart, for vega and what it needs takes some 0.1 s to load. It draws synchronously,
// so that charts can be shown and updated in a loop that never waits; a chart with links or images takes a promise.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { isRemote, localPath } from "./chart-files.ts";
import { mistakeIn } from "./chart-mistakes.ts";
import { pictureOf, SCALE, scaleFor } from "./chart-picture.ts";
import type { ChartLanguage, PlainObject } from "./chart-spec.ts";
import { storedSize } from "./bundle.ts";
import { chartText } from "./chart-text.ts";
import { shortSvg } from "./short-svg.ts";

export interface Drawing {
  /** Null where there is room for one picture only: the PNG is shown by all, also in notebooks that are not trusted. */
  svg: string | null;
  /** Null when there is none; a warning says why. */
  png: Buffer | null;
  /** In CSS pixels. */
  width: number;
  height: number;
  /** What vega and vega-lite find odd. */
  warnings: string[];
}

/** Characters of one message of vega's; some quote the whole specification. */
const MESSAGE_LIMIT = 600;

interface SvgRenderer {
  initialize(container: null, width: number, height: number, origin: readonly number[], scale: number): this;
  background(colour: unknown): this;
  render(scene: unknown): this;
  renderAsync(scene: unknown): Promise<this>;
  svg(): string;
}

/** What vega exports without saying so in its types. */
const { renderModule, resetSVGDefIds } = vega as unknown as {
  renderModule(name: "svg"): { headless: new (loader: object) => SvgRenderer };
  resetSVGDefIds(): void;
};

/** `toSVG` does with these what `paint` does, asynchronously. */
interface ViewParts {
  readonly _viewWidth: number;
  readonly _viewHeight: number;
  readonly _origin: readonly [number, number];
}

type RunAfter = (callback: (view: vega.View) => void, enqueue?: boolean, priority?: number) => vega.View;

/** Messages of vega's, short enough to be read. */
class Log {
  readonly warnings = new Set<string>();
  /** The first of vega's errors: it goes on after them. */
  error: string | null = null;

  /** For vega and vega-lite, who keep their level in it. */
  logger(): vega.LoggerInterface {
    const logger = {
      level: (level?: number) => (level === undefined ? vega.Warn : logger),
      error: (...parts: unknown[]) => {
        this.error ??= shortened(parts);
        return logger;
      },
      warn: (...parts: unknown[]) => {
        this.warnings.add(shortened(parts));
        return logger;
      },
      info: () => logger,
      debug: () => logger,
    };
    return logger as vega.LoggerInterface;
  }
}

function shortened(parts: readonly unknown[]): string {
  const text = parts.map((part) => (part instanceof Error ? part.message : String(part))).join(" ");
  if (text.length <= MESSAGE_LIMIT) return text;
  return `${text.slice(0, MESSAGE_LIMIT / 3)} … ${text.slice((-MESSAGE_LIMIT * 2) / 3)}`;
}

/** A relative address, or one with a scheme that runs nothing; the same that vega's own loader allows. */
const ADDRESS = /^(?!\s)(?:(?:https?|ftps?|mailto|tel|callto|cid|xmpp|file|data):|[^a-z]|[a-z+.-]+(?:[^a-z+.\-:]|$))/i;

/** Its types want an address; its markup leaves out what is null. */
const NO_LINK = { href: null } as unknown as { href: string };

/** Vega loads nothing: data are in the specification. Links are only addresses, and local images become part of the chart. */
class Loader {
  /** Vega waits for an answer. */
  asked = false;
  readonly #warn: (warning: string) => void;

  constructor(warn: (warning: string) => void) {
    this.#warn = warn;
  }

  load(url: string): Promise<never> {
    this.asked = true;
    return Promise.reject(new Error(`'${url}' is not loaded`));
  }
  readonly http = this.load;
  readonly file = this.load;

  sanitize(url: string, { context }: { context?: string }): Promise<{ href: string }> {
    this.asked = true;
    try {
      if (!ADDRESS.test(url)) throw new Error("it is no address");
      return Promise.resolve({ href: context === "image" ? imageAddress(url) : url });
    } catch (error) {
      // The chart goes without this image or link.
      this.#warn(`'${url}' is left out: ${error instanceof Error ? error.message : String(error)}`);
      // Vega makes null of a rejected link, and then fails on that where nobody catches it.
      return context === "image" ? Promise.reject(new Error(url)) : Promise.resolve(NO_LINK);
    }
  }
}

function imageAddress(url: string): string {
  if (isRemote(url)) return url;
  const extension = extname(localPath(url)).slice(1).toLowerCase();
  const type = { svg: "svg+xml", jpg: "jpeg" }[extension] ?? extension;
  return `data:image/${type};base64,${readFileSync(localPath(url), "base64")}`;
}

/**
 * Pictures that take `room` characters together, if they can. Throws an Error with vega's reason for a specification that cannot be drawn; may
 * change the specification.
 */
export function draw(spec: PlainObject, language: ChartLanguage, room = Infinity): Drawing | Promise<Drawing> {
  const log = new Log();
  const loader = new Loader((warning) => log.warnings.add(warning));
  const view = new vega.View(vega.parse(vegaSpec(spec, language, log)), {
    renderer: "none",
    loader,
    logger: log.logger(),
  });
  const finished = (svg: string): Drawing => {
    view.finalize();
    if (log.error !== null) throw new Error(log.error);
    const { description } = spec;
    const said = typeof description === "string" && description !== "" ? description : chartText(spec, language);
    return drawing(svg, said, log, room);
  };
  const svg = paint(view, loader);
  return svg === null ? view.toSVG().then((svg) => finished(svg)) : finished(svg);
}

function vegaSpec(spec: PlainObject, language: ChartLanguage, log: Log): vega.Spec {
  if (language === "vega") return spec;
  try {
    return compile(spec as unknown as TopLevelSpec, { logger: log.logger() }).spec;
  } catch (error) {
    const message = shortened([error]).replace(/^(Invalid specification) .*\. Make sure the/s, "$1. Make sure the");
    throw new Error(mistakeIn(spec) ?? message, { cause: error });
  }
}

/** The SVG; null when vega has to wait for something. */
function paint(view: vega.View, loader: Loader): string | null {
  let pending = 0;
  const runAfter: RunAfter = view.runAfter.bind(view);
  view.runAfter = (callback, ...rest) => {
    pending++;
    return runAfter(
      (view) => {
        pending--;
        callback(view);
      },
      ...rest,
    );
  };
  view.run();
  resetSVGDefIds();
  const { _viewWidth, _viewHeight, _origin } = view as unknown as ViewParts;
  const padding = view.padding() as { left: number; top: number; right: number; bottom: number };
  const svg = new (renderModule("svg").headless)(loader)
    .initialize(
      null,
      Math.max(0, _viewWidth + padding.left + padding.right),
      Math.max(0, _viewHeight + padding.top + padding.bottom),
      [padding.left + _origin[0], padding.top + _origin[1]],
      1,
    )
    .background(view.background())
    .render((view.scenegraph() as unknown as { root: unknown }).root)
    .svg();
  return pending > 0 || loader.asked ? null : svg;
}

/** Characters of base64 for each byte. */
const BASE64 = 4 / 3;
/** Pixels for each CSS pixel: a PNG of fewer has no SVG beside it. */
const SHARP = 1;

function drawing(whole: string, description: string, { warnings }: Log, room: number): Drawing {
  const visible = withoutInvisible(whole);
  const svg = ownIds(described(shortSvg(visible), description));
  const [, width = "0", height = "0"] = /^<svg [^>]*?\bwidth="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  const size = { width: Number(width), height: Number(height) };
  const left = room - storedSize(svg);
  const bytes = (characters: number): number => Math.max(1, characters / BASE64);
  let png: Buffer | null = null;
  try {
    const sharpest = pictureOf(visible, size, { least: SCALE });
    const beside = scaleFor(bytes(left), sharpest, SCALE);
    png = sharpest.length <= bytes(left) ? sharpest : beside < SHARP ? null : pictureOf(visible, size, { bytes: bytes(left), first: beside, least: SHARP }); // prettier-ignore
    if (png === null || png.length > bytes(left)) {
      const first = Math.min(SCALE, scaleFor(bytes(room), sharpest, SCALE));
      const alone = sharpest.length <= bytes(room) ? sharpest : pictureOf(visible, size, { bytes: bytes(room), first });
      return { svg: null, png: alone, ...size, warnings: [...warnings] };
    }
  } catch (error) {
    // A panic of resvg's is the WebAssembly's `unreachable`.
    const isPanic = error instanceof Error && error.message === "unreachable";
    const reason = isPanic ? "resvg failed to draw it" : error instanceof Error ? error.message : String(error);
    warnings.add(`the chart has no PNG: ${reason}`);
  }
  return { svg, png, ...size, warnings: [...warnings] };
}

/** Marks that are only there to be pointed at, in a front end that draws the chart itself. */
function withoutInvisible(svg: string): string {
  return svg.replaceAll(/<(path|line|rect)\b[^>]*? opacity="0"[^>]*?(?:\/>|><\/\1>)/g, "");
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** With what a reader is told who does not see it. */
function described(svg: string, description: string): string {
  const escaped = description.replaceAll(/[&<>]/g, (character) => ENTITIES[character] ?? character);
  return svg.replace(/^<svg\b([^>]*)>/, (_, rest: string) => `<svg role="img"${rest}><title>${escaped}</title>`);
}

/** Vega numbers clip paths and gradients from 1 in each chart; in one page with other charts they need names of their own. */
function ownIds(svg: string): string {
  if (!/ id="(clip|gradient_)\d/.test(svg)) return svg;
  const suffix = createHash("sha256").update(svg).digest("hex").slice(0, 8);
  return svg.replaceAll(/( id="|url\(#)((?:clip|gradient_)\d+)(?=["_)])/g, `$1$2-${suffix}`);
}
