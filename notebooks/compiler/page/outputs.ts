// What a cell shows → HTML: the richest format that a page can show, as JupyterLab chooses. HTML is cleaned with JupyterLab's own cleaner
// and rules; SVG becomes an image, in which no script runs; charts are drawn by vega where scripts run, and are pictures elsewhere.

import sanitizeHtml from "sanitize-html";
import type { SavedOutput } from "../../../kernel/notebook.ts";
import { joined } from "../../../kernel/notebook.ts";
import { escapeHtml } from "../callouts.ts";
import { terminal } from "./code.ts";
import { typeset } from "./formulas.ts";

export interface OutputContext {
  markdown(source: string): string;
  /** Takes a chart's specification in, and answers with its number. */
  chart(specification: unknown): number;
}

const VEGA = ["application/vnd.vegalite.v5+json", "application/vnd.vega.v5+json"];
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

export function outputHtml(output: SavedOutput, context: OutputContext): string {
  if (output.output_type === "stream") {
    return `<pre class="stream ${output.name}" tabindex="0">${terminal(joined(output.text) ?? "")}</pre>`;
  }
  if (output.output_type === "error") {
    const text = output.traceback.length > 0 ? output.traceback.join("\n") : `${output.ename}: ${output.evalue}`;
    return `<pre class="error" tabindex="0">${terminal(text)}</pre>`;
  }
  return bundleHtml(output.data, output.metadata, context);
}

function bundleHtml(data: Record<string, unknown>, metadata: Record<string, unknown>, context: OutputContext): string {
  const text = (type: string): string | undefined => joined(data[type]);
  const plain = text("text/plain") ?? "";
  const html = text("text/html");
  if (html !== undefined) return `<div class="html">${clean(html)}</div>`;
  const chart = VEGA.find((type) => typeof data[type] === "object" && data[type] !== null);
  if (chart !== undefined) {
    const number = context.chart(data[chart]);
    return `<figure class="chart" data-chart="${number}">${pictureHtml(data, metadata, plain) ?? preformatted(plain)}</figure>`;
  }
  const markdown = text("text/markdown");
  if (markdown !== undefined) return `<div class="markdown">${context.markdown(markdown)}</div>`;
  const latex = text("text/latex");
  if (latex !== undefined) {
    const [, display, tex = ""] = /^\s*(\$\$?)([^]*?)\$*\s*$/.exec(latex) ?? [undefined, "$$", latex];
    return typeset(tex, display === "$$").html;
  }
  const picture = pictureHtml(data, metadata, plain);
  if (picture !== undefined) return picture;
  const json = data["application/json"];
  if (plain === "" && json !== undefined) return preformatted(JSON.stringify(json, null, 2));
  return plain === "" ? "" : preformatted(plain);
}

function preformatted(text: string): string {
  return `<pre class="result" tabindex="0">${terminal(text)}</pre>`;
}

function pictureHtml(
  data: Record<string, unknown>,
  metadata: Record<string, unknown>,
  alt: string,
): string | undefined {
  const svg = joined(data["image/svg+xml"]);
  const description = escapeHtml(alt.length > 300 ? `${alt.slice(0, 300)}…` : alt || "picture");
  if (svg !== undefined) {
    return `<img src="data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}" alt="${description}">`;
  }
  const type = PICTURES.find((candidate) => typeof data[candidate] === "string");
  if (type === undefined) return undefined;
  const { width, height } = (metadata[type] ?? {}) as { width?: unknown; height?: unknown };
  const size =
    (typeof width === "number" ? ` width="${width}"` : "") + (typeof height === "number" ? ` height="${height}"` : "");
  return `<img src="data:${type};base64,${String(data[type]).replace(/\s/g, "")}" alt="${description}"${size}>`;
}

const COLOUR = [/^[\w\s#(),.%/-]+$/];
const LENGTH = [/^[\w\s.%-]+$/];

/** JupyterLab's rules, less what would load something. https://github.com/jupyterlab/jupyterlab/blob/main/packages/apputils/src/sanitizer.ts */
export function clean(html: string): string {
  return sanitizeHtml(html, {
    allowedTags: [
      ...sanitizeHtml.defaults.allowedTags,
      "img",
      "caption",
      "details",
      "summary",
      "del",
      "ins",
      "meter",
      "progress",
      "input",
      "label",
      "font",
      "center",
      "dfn",
      "data",
      "time",
    ],
    allowedAttributes: {
      "*": ["class", "dir", "hidden", "id", "lang", "style", "title", "translate", "aria-*", "role"],
      a: ["href", "name", "rel"],
      img: ["alt", "height", "src", "width"],
      input: ["checked", "disabled", "type", "value", "min", "max"],
      meter: ["high", "low", "max", "min", "optimum", "value"],
      progress: ["max", "value"],
      details: ["open"],
      ol: ["start", "type", "reversed"],
      td: ["align", "colspan", "rowspan", "headers", "valign"],
      th: ["align", "colspan", "rowspan", "headers", "scope", "abbr"],
      col: ["span", "width"],
      time: ["datetime"],
      data: ["value"],
      table: ["tabindex"],
    },
    allowedStyles: {
      "*": {
        "background-color": COLOUR,
        color: COLOUR,
        border: COLOUR,
        "border-bottom": COLOUR,
        "border-top": COLOUR,
        "border-left": COLOUR,
        "border-right": COLOUR,
        "border-collapse": LENGTH,
        "border-radius": LENGTH,
        display: LENGTH,
        float: LENGTH,
        "font-family": [/^[\w\s,'"-]+$/],
        "font-size": LENGTH,
        "font-style": LENGTH,
        "font-weight": LENGTH,
        height: LENGTH,
        "line-height": LENGTH,
        margin: LENGTH,
        "margin-left": LENGTH,
        "max-height": LENGTH,
        "max-width": LENGTH,
        opacity: LENGTH,
        overflow: LENGTH,
        padding: LENGTH,
        "text-align": LENGTH,
        "text-decoration": LENGTH,
        "vertical-align": LENGTH,
        "white-space": LENGTH,
        width: LENGTH,
        "font-variant-numeric": LENGTH,
      },
    },
    allowedSchemes: ["http", "https", "mailto"],
    allowedSchemesByTag: { img: ["data"] },
    allowProtocolRelative: false,
    // The page must load nothing: of a picture from elsewhere its text is left.
    transformTags: {
      // As all that scrolls.
      table: (tagName, attribs) => ({ tagName, attribs: { ...attribs, tabindex: "0" } }),
      img: (tagName, attribs) => {
        if (attribs["src"]?.startsWith("data:image/") === true) return { tagName, attribs: { alt: "", ...attribs } };
        return { tagName: "span", attribs: {}, text: attribs["alt"] ?? "" };
      },
    },
  });
}
