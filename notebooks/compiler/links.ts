// Links, as a notebook has them: `[[Note#Part|text]]` and `[text](note.md#part)` lead to the notebook of that note, or to its file where
// it has none, and what is not there is told. Pictures become attachments, so that a notebook can be moved.

import { readFileSync } from "node:fs";
import { basename, dirname, extname, relative, resolve, sep } from "node:path";
import type { Definition, Image, ImageReference, Link, LinkReference } from "mdast";
import { visit } from "unist-util-visit";
import type { Edit } from "./edits.ts";
import { escapeHtml } from "./callouts.ts";
import { isTagsLine } from "./inline.ts";
import type { LinkSpan } from "./lift.ts";
import { nearest } from "./message.ts";
import { anchorOf } from "./outline.ts";
import type { Note } from "./parse.ts";
import { endOf, isIn, type Place, startOf } from "./places.ts";
import { headingNamed, isFile, plainHeading, type Vault } from "./vault.ts";

export interface Attachment {
  /** Of what is shown in its place. */
  start: number;
  name: string;
  type: string;
  base64: string;
}

export interface Links {
  edits: Edit[];
  attachments: Attachment[];
  /** The notes that are linked to or embedded: files. */
  targets: Set<string>;
}

/** What a link names of a note. */
export interface Part {
  heading?: string;
  block?: string;
}

export interface Embedded {
  markdown: string;
  attachments: Attachment[];
}

export interface Surroundings {
  vault: Vault;
  /** Where a note's notebook is, without its extension; `undefined` when it has none. */
  outputOf(note: string): string | undefined;
  /** The Markdown of another note, or of a part of it. */
  embed(file: string, part: Part, from: { note: Note; offset: number }): Embedded | null;
}

const PICTURES: Record<string, string> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".svg": "image/svg+xml",
  ".webp": "image/webp",
  ".bmp": "image/bmp",
};
const LARGEST_PICTURE = 20_000_000;

export class LinkWriter {
  readonly #note: Note;
  readonly #surroundings: Surroundings;
  readonly found: Links = { edits: [], attachments: [], targets: new Set() };

  constructor(note: Note, surroundings: Surroundings) {
    this.#note = note;
    this.#surroundings = surroundings;
  }

  write(places: readonly Place[]): Links {
    for (const { span, ancestors } of places) {
      if (span.kind !== "link") continue;
      const text = this.#obsidian(span, { ancestors, isTag: isTagsLine(this.#note, ancestors) });
      this.found.edits.push({ start: span.start, end: span.end, text });
    }
    const definitions = new Map<string, Definition>();
    visit(this.#note.tree, "definition", (node) => {
      if (!definitions.has(node.identifier)) definitions.set(node.identifier, node);
    });
    visit(this.#note.tree, (node) => {
      if (node.type === "linkReference" || node.type === "imageReference") {
        this.#reference(node, definitions.get(node.identifier));
      } else if (node.type === "link" || node.type === "definition") this.#address(node);
      else if (node.type === "image") this.#image(node);
    });
    return this.found;
  }

  #obsidian(span: LinkSpan, { ancestors, isTag }: { ancestors: Place["ancestors"]; isTag: boolean }): string {
    const { vault } = this.#surroundings;
    const file = span.target === "" ? resolve(this.#note.file) : vault.find(span.target, this.#note.file);
    const isPicture = span.embed && extname(span.target).toLowerCase() in PICTURES;
    const alias = isPicture && /^\d+(?:x\d+)?$/.test(span.alias ?? "") ? undefined : span.alias;
    const shown = alias ?? ([span.target, span.heading].filter(Boolean).join(" > ") || `^${span.block ?? ""}`);
    const text = shown.replace(/[\\*_[\]<`$|~]/g, "\\$&");
    if (file === undefined || file === null) {
      if (!isTag) this.#missing(span, file);
      return text;
    }
    if (file.endsWith(".md")) this.found.targets.add(file);
    if (isPicture) return this.#picture(file, span.start, alias ?? "", span.alias === alias ? undefined : span.alias);
    const href = this.#href(file, span, span.start);
    const parent = ancestors.at(-1);
    const alone = parent?.type === "paragraph" && startOf(parent) === span.start && endOf(parent) === span.end;
    const content =
      span.embed && file.endsWith(".md") && !isIn(ancestors, "tableCell")
        ? this.#surroundings.embed(file, span, { note: this.#note, offset: span.start })
        : null;
    if (content === null || !alone) return `[${text}](${href})`;
    this.found.attachments.push(...content.attachments.map((attachment) => ({ ...attachment, start: span.start })));
    const line = this.#note.text.slice(this.#note.text.lastIndexOf("\n", span.start - 1) + 1, span.start);
    const prefix = `${line.replace(/[^>\t]/g, " ")}> `;
    return `> **[${text}](${href})**\n${prefix.trimEnd()}\n${content.markdown
      .trim()
      .split("\n")
      .map((line) => (prefix + line).trimEnd())
      .join("\n")}`;
  }

  #missing(span: LinkSpan, file: null | undefined): void {
    const { vault } = this.#surroundings;
    if (file === null) {
      this.#note.report("link", span.start, `[[${span.target}]] lies outside the vault ${vault.root}, and is not read`);
      return;
    }
    const suggestion = nearest(span.target, vault.names());
    const hint = suggestion === undefined ? "" : `; did you mean ${suggestion}?`;
    this.#note.report("link", span.start, `there is no note or file ${span.target}${hint}`);
  }

  /** The address of a file, from the notebook of this note. */
  #href(file: string, part: Part, offset: number): string {
    const { vault } = this.#surroundings;
    const own = resolve(this.#note.file) === file;
    let fragment = "";
    if (part.heading !== undefined && part.heading !== "") {
      const heading = headingNamed(vault.anchors(file), part.heading);
      if (heading === undefined)
        this.#noAnchor(file, `heading ${part.heading}`, part.heading, vault.anchors(file).headings, offset);
      else fragment = `#${encodeURIComponent(anchorOf(plainHeading(heading)))}`;
    } else if (part.block !== undefined) {
      const { blocks } = vault.anchors(file);
      if (!blocks.has(part.block)) this.#noAnchor(file, `block ^${part.block}`, part.block, blocks, offset);
      else fragment = `#${encodeURIComponent(`^${part.block}`)}`;
    }
    if (own) return fragment === "" ? "#" : fragment;
    return this.#path(file) + fragment;
  }

  #noAnchor(file: string, what: string, wanted: string, there: Iterable<string>, offset: number): void {
    const suggestion = nearest(wanted, there);
    const hint = suggestion === undefined ? "" : `; did you mean ${suggestion}?`;
    this.#note.report("link", offset, `${basename(file)} has no ${what}${hint}`);
  }

  #path(file: string): string {
    const { outputOf } = this.#surroundings;
    const from = dirname(outputOf(resolve(this.#note.file)) ?? resolve(this.#note.file));
    const output = outputOf(file);
    const to = output === undefined ? file : `${output}.ipynb`;
    return relative(from, to).split(sep).map(encodeURIComponent).join("/");
  }

  /** `[text][name]` gets its address: the definition may be in another cell, where nobody looks for it. */
  #reference(node: LinkReference | ImageReference, definition: Definition | undefined): void {
    const start = startOf(node);
    const end = endOf(node);
    const source = this.#note.text.slice(start, end);
    const tail = { full: source.lastIndexOf("[") - 1, collapsed: source.length - 3, shortcut: source.length - 1 };
    const at = tail[node.referenceType];
    if (definition === undefined || source[at] !== "]") return;
    const local = isLocal(definition.url) && node.type === "linkReference";
    const url = (local ? this.#local(definition.url, startOf(definition)) : null) ?? definition.url;
    const title = definition.title ? ` ${JSON.stringify(definition.title)}` : "";
    const address = url === "" || /[\s()<>]/.test(url) ? `<${url.replace(/[<>]/g, "\\$&")}>` : url;
    this.found.edits.push({ start: start + at, end, text: `](${address}${title})` });
  }

  #address(node: Link | Definition): void {
    const { text } = this.#note;
    const start = startOf(node);
    const source = text.slice(start, endOf(node));
    const from = node.type === "link" ? (node.children.at(-1)?.position?.end.offset ?? start + 1) - start : 0;
    const opening = node.type === "link" ? /^\]\(\s*/ : /^\[(?:[^\]\\]|\\.)*\]:\s*/;
    const before = opening.exec(source.slice(from));
    // `<https://…>` has no brackets.
    if (before === null || !isLocal(node.url)) return;
    const at = from + before[0].length;
    const length = /^(?:<[^>\n]*>|(?:[^\s()\\]|\\.|\([^()\s]*\))*)/.exec(source.slice(at))?.[0].length ?? 0;
    const href = this.#local(node.url, start);
    if (href !== null) this.found.edits.push({ start: start + at, end: start + at + length, text: href });
  }

  /** The new address of a file that is linked to by its path; `null` where it stays. */
  #local(url: string, offset: number): string | null {
    const [, encoded = "", fragment] = /^([^#?]*)[^#]*(?:#(.*))?$/.exec(url) ?? [];
    const path = decoded(encoded);
    const { vault } = this.#surroundings;
    const file = path === "" ? resolve(this.#note.file) : resolve(dirname(this.#note.file), path);
    if (!vault.holds(file)) {
      this.#note.report("link", offset, `${path} lies outside the vault ${vault.root}, and is not read`);
      return null;
    }
    if (path !== "" && !isFile(file)) {
      this.#note.report("link", offset, `there is no file ${path}`);
      return null;
    }
    if (!file.endsWith(".md")) return this.#path(file) + (fragment === undefined ? "" : `#${fragment}`);
    if (path !== "") this.found.targets.add(file);
    const name = decoded(fragment ?? "");
    // Footnotes and other anchors of the note's own HTML.
    if (path === "" && new RegExp(`id=["']${name.replace(/[^\w-]/g, "\\$&")}["']`).test(this.#note.text)) return null;
    return this.#href(file, name.startsWith("^") ? { block: name.slice(1) } : { heading: name }, offset);
  }

  #image(node: Image): void {
    const start = startOf(node);
    if (!isLocal(node.url)) {
      if (/^(?:https?:)?\/\//.test(node.url)) {
        this.#note.report(
          "warning",
          start,
          `the picture ${node.url} is not loaded: pages need no network; save it beside the note`,
        );
      }
      return;
    }
    const path = decoded(node.url.replace(/[?#].*$/, ""));
    const file = resolve(dirname(this.#note.file), path);
    const { vault } = this.#surroundings;
    if (!vault.holds(file))
      this.#note.report("link", start, `${path} lies outside the vault ${vault.root}, and is not read`);
    else if (!isFile(file)) this.#note.report("link", start, `there is no picture ${path}`);
    else if (extname(file).toLowerCase() in PICTURES) {
      this.found.edits.push({
        start,
        end: endOf(node),
        text: this.#picture(file, start, node.alt ?? "", undefined, node.title),
      });
    }
  }

  #picture(file: string, start: number, alt: string, size: string | undefined, title?: string | null): string {
    const bytes = readFileSync(file);
    const name = basename(file).replace(/[^\w.-]/g, "-");
    if (bytes.length > LARGEST_PICTURE) {
      this.#note.report(
        "warning",
        start,
        `${basename(file)} has ${(bytes.length / 1e6).toFixed(0)} MB, and is only linked to`,
      );
      return `[${alt || basename(file)}](${this.#path(file)})`;
    }
    const type = PICTURES[extname(file).toLowerCase()] ?? "";
    this.found.attachments.push({ start, name, type, base64: bytes.toString("base64") });
    if (size === undefined) {
      const quoted = typeof title === "string" ? ` ${JSON.stringify(title)}` : "";
      return `![${alt.replace(/[[\]]/g, "\\$&")}](attachment:${name}${quoted})`;
    }
    const [width, height] = size.split("x");
    const tall = height === undefined ? "" : ` height="${height}"`;
    return `<img src="attachment:${name}" alt="${escapeHtml(alt || basename(file))}" width="${width}"${tall}>`;
  }
}

function isLocal(url: string): boolean {
  return url !== "" && !/^(?:[a-z][a-z+.-]*:|\/\/|attachment:)/i.test(url);
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url; // A per cent sign that is only that.
  }
}
