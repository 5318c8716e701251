// The module "tslab", and what it shows.
import type { Case } from "./cases.ts";

export const displayCases: Case[] = [
  {
    name: "tslab's versions",
    cells: [
      "import * as tslab from 'tslab'; console.log(Object.keys(tslab.versions), tslab.versions.tslab, tslab.versions.node)",
    ],
  },
  {
    name: "what tslab exports",
    cells: [
      "['versions', 'newDisplay', 'display'].map((name) => name in tslab)",
      "Object.keys(require('tslab'))",
      "require('tslab').display === tslab.display",
      "import { display as display1, newDisplay as new1, versions as versions1 } from 'tslab'; [typeof display1.html, typeof new1, typeof versions1]",
      "(await import('tslab')).newDisplay === tslab.newDisplay",
    ],
  },
  {
    name: "the methods of a display",
    cells: [
      "['javascript', 'html', 'markdown', 'latex', 'svg', 'png', 'jpeg', 'gif', 'pdf', 'text', 'raw'].map((name) => typeof (tslab.display as any)[name])",
      "let png1 = tslab.display.png; typeof png1",
    ],
  },
  { name: "display of HTML", cells: ["tslab.display.html('Hello <b>tslab!</b>')"] },
  {
    name: "display of Markdown, LaTeX, SVG, JavaScript",
    cells: [
      "tslab.display.markdown('**bold**'); tslab.display.latex('$x^2$'); tslab.display.svg('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'); tslab.display.javascript('1 + 1')",
    ],
  },
  {
    name: "display of pictures and PDF",
    cells: [
      "tslab.display.png(new Uint8Array([1, 2, 3]))",
      "tslab.display.jpeg(Buffer.from('jpeg')); tslab.display.gif(Buffer.from('gif').subarray(1)); tslab.display.pdf(Buffer.from('pdf'))",
    ],
  },
  { name: "display of text", cells: ["tslab.display.text('as it is')", "tslab.display.text('[31mred[0m')"] },
  {
    name: "display of any type",
    cells: [
      "tslab.display.raw('text/csv', 'a,b')",
      "tslab.display.raw('application/octet-stream', new Uint8Array([255, 0]))",
      "tslab.display.raw('application/json', '{\"a\":1}')",
      "tslab.display.raw('application/vnd.vegalite.v5+json', { mark: 'bar' } as any)",
      "tslab.display.raw('image/png', 'AQID')",
    ],
  },
  {
    name: "displays among printed lines and a result",
    cells: ["console.log('before'); tslab.display.html('<i>x</i>'); console.log('after'); 5"],
  },
  {
    name: "a display that is updated",
    cells: ["let d10 = tslab.newDisplay(); d10.text('1'); d10.text('2'); d10.markdown('*3*')", "d10.text('4')"],
  },
  {
    name: "two displays side by side",
    cells: ["let d11 = tslab.newDisplay(), d12 = tslab.newDisplay(); d11.html('a'); d12.html('b'); d11.html('c')"],
  },
  { name: "a display that nobody has used", cells: ["let d13 = tslab.newDisplay();"] },
  {
    name: "progress",
    cells: [
      "{ const bar = tslab.newDisplay(); for (let i = 0; i <= 100; i += 20) { await new Promise((r) => setTimeout(r, 1)); bar.text(`progress: ${i}%`) } }",
    ],
  },
  {
    name: "import of tslab's default",
    cells: ["import tslab1 from 'tslab'; typeof tslab1"],
    differs: '`import tslab from "tslab"`',
  },
];
