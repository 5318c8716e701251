// The Markdown of a cell → HTML that is safe to show: raw HTML is cleaned as GitHub cleans it, with what our own translation needs besides.
// Formulas, code and pictures are set in afterwards, from what we make ourselves.

import type { Element, ElementContent } from "hast";
import type { ListItem, Root } from "mdast";
import rehypeRaw from "rehype-raw";
import rehypeSanitize, { defaultSchema, type Options as Schema } from "rehype-sanitize";
import rehypeStringify from "rehype-stringify";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import remarkRehype from "remark-rehype";
import { unified } from "unified";
import { SKIP, visit } from "unist-util-visit";
import { lift } from "../lift.ts";
import { anchorOf } from "../outline.ts";
import { highlighted } from "./code.ts";
import { typeset } from "./formulas.ts";

export interface MarkdownContext {
  /** Data URIs of pictures, by the name behind `attachment:`. */
  attachments: Record<string, string>;
  /** The address in a page of what a notebook links to. */
  linkTo(href: string): string;
  /** What stands beside a formula: HTML. */
  beside(tex: string, display: boolean): string;
  /** Takes a heading in, and answers with the name by which it can be linked to. */
  heading(depth: number, text: string): string;
}

const parser = unified().use(remarkParse).use(remarkGfm);
const raw = "raw" as "comment";

const schema: Schema = {
  ...defaultSchema,
  // Names are as the note has them: links lead there.
  clobber: [],
  tagNames: [
    ...(defaultSchema.tagNames ?? []).filter((name) => !["picture", "source"].includes(name)),
    "mark",
    "small",
    "u",
    "figure",
    "figcaption",
    "abbr",
  ],
  attributes: {
    ...defaultSchema.attributes,
    "*": ["id", "title", "lang", "dir", "align"],
    span: ["dataFormula"],
    b: [["className", /^callout/]],
    details: ["open", ["className", /^callout/]],
    code: [["className", /^language-./]],
    img: ["src", "alt", "width", "height", "title"],
    a: ["href", "id", "title"],
    abbr: ["title"],
  },
  protocols: { ...defaultSchema.protocols, src: ["http", "https", "data", "attachment"] },
};

const toHtml = unified().use(remarkRehype, { allowDangerousHtml: true }).use(rehypeRaw).use(rehypeSanitize, schema);
const printer = unified().use(rehypeStringify, { allowDangerousHtml: true });

export function markdownHtml(source: string, context: MarkdownContext): string {
  const plain = parser.parse(source);
  const lifted = lift(source, plain, { only: "math" });
  const formulas = lifted.spans.flatMap((span) => (span.kind === "math" ? [span] : []));
  const tree = lifted.spans.length === 0 ? plain : parser.parse(lifted.text);
  let next = 0;
  visit(tree, "text", (node, index, parent) => {
    if (!node.value.includes("\ufdd0") || parent === undefined || index === undefined) return;
    const parts = node.value.split(/(\ufdd0\ufdd1*)/).map((part): Root["children"][number] => {
      if (!part.startsWith("\ufdd0")) return { type: "text", value: part };
      return { type: "text", value: "", data: { hName: "span", hProperties: { dataFormula: String(next++) } } };
    });
    parent.children.splice(index, 1, ...(parts as typeof parent.children));
    return [SKIP, index + parts.length];
  });
  // A box that nobody can tick is a sign.
  visit(tree, "listItem", (node) => {
    if (typeof node.checked !== "boolean") return;
    const box: ListItem["children"][number] = { type: "html", value: node.checked ? "☑ " : "☐ " };
    const [first] = node.children;
    if (first?.type === "paragraph") first.children.unshift({ type: "text", value: box.value });
    else node.children.unshift(box);
    node.checked = null;
  });
  const html = toHtml.runSync(tree);
  visit(html, "element", (node, index, parent) => {
    const formula = formulas[Number(node.properties["dataFormula"] ?? NaN)];
    if (node.tagName === "span" && formula !== undefined) setFormula(node, formula, context);
    else if (node.tagName === "pre") setCode(node);
    else if (node.tagName === "img" && index !== undefined) parent?.children.splice(index, 1, picture(node, context));
    else if (node.tagName === "a") setLink(node, context);
    else if (node.tagName === "table") node.properties["tabIndex"] = 0;
    else if (/^h[1-6]$/.test(node.tagName)) {
      node.properties["id"] = context.heading(Number(node.tagName[1]), headingText(node, formulas));
    }
  });
  return printer.stringify(html);
}

function setFormula(
  node: Element,
  { tex, display }: { tex: string; display: boolean },
  context: MarkdownContext,
): void {
  const isDisplay = display || tex.startsWith("\\displaystyle ");
  const plain = tex.replace(/^\\displaystyle /, "");
  const { html } = typeset(tex, display);
  node.properties = { className: [display ? "formula-display" : "formula"] };
  if (display) node.properties["tabIndex"] = 0;
  node.children = [{ type: raw, value: html + context.beside(plain, isDisplay) }];
}

function headingText(node: Element, formulas: readonly { tex: string }[]): string {
  let text = "";
  visit(node, (child) => {
    if (child.type === "text") text += child.value;
    else if (child.type === "element" && "dataFormula" in child.properties) {
      text += `$${formulas[Number(child.properties["dataFormula"])]?.tex ?? ""}$`;
    }
  });
  return text.trim();
}

function setCode(node: Element): void {
  const [code] = node.children;
  if (code?.type !== "element" || code.tagName !== "code") return;
  const classes = code.properties["className"];
  const name = (Array.isArray(classes) ? classes.map(String) : []).find((one) => one.startsWith("language-"));
  const text = code.children.map((child) => ("value" in child ? child.value : "")).join("");
  code.children = [{ type: raw, value: highlighted(text.replace(/\n$/, ""), name?.slice(9) ?? "") }];
  node.properties["tabIndex"] = 0;
}

/** A page loads nothing: a picture is in it, or it is a link. */
function picture(node: Element, { attachments, linkTo }: MarkdownContext): ElementContent {
  const src = String(node.properties["src"] ?? "");
  const data = src.startsWith("attachment:") ? attachments[decodeURIComponent(src.slice(11))] : undefined;
  if (data !== undefined) node.properties["src"] = data;
  node.properties["alt"] ??= "";
  if (String(node.properties["src"]).startsWith("data:image/")) return node;
  const text = String(node.properties["alt"] || src);
  return {
    type: "element",
    tagName: "a",
    properties: { href: linkTo(src) },
    children: [{ type: "text", value: text }],
  };
}

function setLink(node: Element, context: MarkdownContext): void {
  const { href } = node.properties;
  if (typeof href !== "string") return;
  node.properties["href"] = context.linkTo(href);
  if (/^https?:/.test(href)) node.properties["rel"] = ["noopener", "noreferrer"];
}

/** A heading's name in a page, another one for each. */
export function anchors(): (text: string) => string {
  const taken = new Map<string, number>();
  return (text) => {
    const name = anchorOf(text) || "section";
    const count = taken.get(name) ?? 0;
    taken.set(name, count + 1);
    return count === 0 ? name : `${name}-${count}`;
  };
}
