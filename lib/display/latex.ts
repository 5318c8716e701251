// Tensors as formulas: a matrix in brackets, long axes cut. JupyterLab, VS Code and GitHub typeset `text/latex` with its own `$$`
// (https://github.com/jupyterlab/jupyterlab/blob/main/packages/rendermime/src/latex.ts).

import { elementReader } from "../elements.ts";
import { isFloat } from "../dtype.ts";
import { sizeOf } from "../shape.ts";
import { concrete, type Tensor } from "../trace.ts";
import { bundle, type Bundle, DISPLAY, Display, escapeLatex, number } from "./bundle.ts";
import { cut } from "./tensor.ts";

/** How a tensor is written as a formula. */
export interface LatexOptions {
  /** Significant digits; 4. */
  readonly digits?: number;
  /** Rows and columns of a matrix before it is cut in the middle; 10. */
  readonly most?: number;
  /** Whether a vector is written as a column; false: as a row, as it is printed. */
  readonly column?: boolean;
  /** What stands before the matrix, with an equals sign: LaTeX, such as `W_1`. */
  readonly name?: string;
}

/** A formula that shows itself typeset; as text it is its LaTeX, without dollar signs. */
export class Latex extends Display {
  /** The LaTeX, without dollar signs. */
  readonly source: string;

  constructor(source: string) {
    super();
    this.source = source;
  }

  override toString(): string {
    return this.source;
  }

  override [DISPLAY](): Bundle {
    return bundle(
      () => this.source,
      () => ({ "text/latex": `$$${this.source}$$` }),
    );
  }
}

/** A number in a formula. */
export function numberLatex(x: number, digits = 4): string {
  if (Number.isNaN(x)) return "\\mathrm{nan}";
  if (!Number.isFinite(x)) return x > 0 ? "\\infty" : "-\\infty";
  const [mantissa = "", exponent] = number(x, digits).split("e");
  return exponent === undefined ? mantissa : `${mantissa} \\times 10^{${exponent}}`;
}

function block(rows: readonly string[]): string {
  return `\\begin{bmatrix} ${rows.join(" \\\\ ")} \\end{bmatrix}`;
}

/** The LaTeX of a tensor: a number, a row or column, a matrix, for more axes matrices below each other. */
export function tensorLatex(x: Tensor, { digits = 4, most = 10, column = false, name }: LatexOptions = {}): string {
  const read = elementReader(concrete("latex", x));
  const { shape } = x;
  const write = (k: number): string => {
    const value = read(k);
    if (x.dtype === "bool") return escapeLatex(value === 0 ? "false" : "true");
    return isFloat(x.dtype) ? numberLatex(value, digits) : String(value);
  };
  const row = (start: number, n: number): string =>
    cut(n, most)
      .map((k) => (k === null ? "\\cdots" : write(start + k)))
      .join(" & ");
  const build = (axis: number, start: number): string => {
    const n = shape[axis];
    if (n === undefined) return write(start);
    const step = sizeOf(shape.slice(axis + 1));
    const rank = shape.length - axis;
    if (rank === 1 && !column) return block([row(start, n)]);
    const lines = cut(n, most).map((k) => {
      if (k !== null) return rank === 2 ? row(start + k * step, step) : build(axis + 1, start + k * step);
      const columns = rank === 2 ? cut(step, most) : [0];
      return columns.map((place) => (place === null ? "\\ddots" : "\\vdots")).join(" & ");
    });
    return block(lines);
  };
  const source = build(0, 0);
  return name === undefined ? source : `${name} = ${source}`;
}
