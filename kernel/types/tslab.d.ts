// What `import … from "tslab"` gives in a cell, for the type checker: the module is the kernel's own (kernel/runtime/tslab.ts), so it is
// declared here whether or not tslab is installed. An ambient declaration goes before any installed package.

declare module "tslab" {
  interface Versions {
    /** The version of tslab whose module this is. */
    tslab: string;
    /** The TypeScript of the cells. */
    typescript: string;
    node: string;
  }

  /** The versions of tslab's module, of TypeScript and of Node. */
  export const versions: Versions;

  /**
   * Shows something below the cell by the MIME type that the method is named after. Text is a string; pictures are bytes, or a
   * string that is their base64.
   */
  export interface Display {
    /** Runs as a script of the page, in front ends that trust the notebook. */
    javascript(s: string): void;
    html(s: string): void;
    markdown(s: string): void;
    /** With its own `$` delimiters. */
    latex(s: string): void;
    svg(s: string): void;
    png(b: Uint8Array): void;
    jpeg(b: Uint8Array): void;
    gif(b: Uint8Array): void;
    pdf(b: Uint8Array): void;
    text(s: string): void;
    /** Any other MIME type; bytes are sent as base64. */
    raw(contentType: string, b: string | Uint8Array): void;
  }

  /**
   * A display of which only the newest content is seen: the first call shows it below the cell, every other one, also from
   * another cell, takes its place.
   *
   *     const progress = newDisplay();
   *     for (let percent = 0; percent <= 100; percent += 10) progress.text(`${percent} %`);
   */
  export function newDisplay(): Display;

  /**
   * Each call shows one thing more below the cell.
   *
   *     display.html("Hello <b>tslab</b>!");
   *     display.png(await readFile("plot.png"));
   */
  export const display: Display;

  /** The module itself, for `import tslab from "tslab"`. */
  const tslab: {
    readonly versions: Versions;
    readonly display: Display;
    newDisplay(): Display;
  };
  export default tslab;
}
