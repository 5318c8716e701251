// A tensor at the end of a cell: its table, its formula, its picture.
import assert from "node:assert/strict";
import { arange, data, Generator, rand, randn, type Tensor, tensor, vmap, zeros } from "../../../lib/index.ts";
import { statistics } from "../../../lib/display/statistics.ts";
import { decodePng } from "../../png.ts";
import { assertExpected, assertPlain, bundleOf, tablesOf, textOf } from "./expected.ts";

const EVIL = `<img src=x onerror="alert(1)">$x$`;

describe("the display of a tensor", () => {
  it("is a table of a matrix, with the numbers that are printed", () => {
    const x = tensor([[1, -2.5, 0], [NaN, Infinity, 4]], { requiresGrad: true }).named("W1"); // prettier-ignore
    const html = assertExpected("tensor-matrix", x)["text/html"] ?? "";
    assert.deepEqual(tablesOf(html), [
      [
        ["", "0", "1", "2"],
        ["0", "1.0000", "-2.5000", "0.0000"],
        ["1", "nan", "inf", "4.0000"],
      ],
    ]);
    assertPlain(html);
  });

  it("holds every number of its tensor", () => {
    const x = randn([7, 5], { generator: new Generator(3) });
    const [[, ...rows] = []] = tablesOf(bundleOf(x)["text/html"] ?? "");
    const values = rows.map(([, ...cells]) => cells.map(Number));
    x.toArray().forEach((row, i) =>
      row.forEach((value, j) => assert.ok(Math.abs((values[i]?.[j] as number) - value) < 5.1e-5)),
    );
  });

  it("is one row for a vector, and the text alone for a number and for nothing", () => {
    assertExpected("tensor-vector", tensor([true, false, true]));
    assert.deepEqual(Object.keys(assertExpected("tensor-number", tensor(1.5))), ["text/plain"]);
    assert.deepEqual(Object.keys(bundleOf(zeros([0, 3]))), ["text/plain"]);
  });

  it("takes higher ranks by slices", () => {
    const html = assertExpected("tensor-slices", arange(24).reshape([2, 3, 4]))["text/html"] ?? "";
    assert.deepEqual(tablesOf(html)[1]?.[1], ["0", "12", "13", "14", "15"]);
    assertPlain(html);
  });

  it("cuts long axes in the middle and tells the shape", () => {
    const html = assertExpected("tensor-large", arange(100 * 40).reshape([100, 40]))["text/html"] ?? "";
    assert.match(textOf(html), /i32 \[100, 40\], from 0 to 3999; 20 of 100 rows, 12 of 40 columns shown/);
    const [rows = []] = tablesOf(html);
    assert.deepEqual(
      rows.map(([head]) => head),
      ["", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "…", "90", "91", "92", "93", "94", "95", "96", "97", "98", "99"], // prettier-ignore
    );
    assert.deepEqual(rows[21], ["99", "3960", "3961", "3962", "3963", "3964", "3965", "…", "3994", "3995", "3996", "3997", "3998", "3999"]); // prettier-ignore
    assert.match(textOf(bundleOf(zeros([50, 2, 2]))["text/html"] ?? ""), /… 44 more …/);
  });

  it("reads views, and does not copy what it does not show", () => {
    const [[, first] = []] = tablesOf(bundleOf(arange(6).reshape([2, 3]).t())["text/html"] ?? "");
    assert.deepEqual(first, ["0", "0", "3"]);
    const large = zeros([1000, 1000]);
    const held = (x: Tensor): number => JSON.stringify(bundleOf(x)).length;
    assert.ok(held(large) < 30_000 && held(large.t()) < 30_000 && held(zeros([10, 100, 10, 100])) < 100_000);
  });

  it("escapes its name", () => {
    const x = tensor([[1]]).named(EVIL);
    const html = bundleOf(x)["text/html"] ?? "";
    assertPlain(html);
    assert.match(textOf(html), /^<img src=x onerror="alert\(1\)">\$x\$: f32/);
    assert.ok(html.includes("<span>$</span>x<span>$</span>"));
  });

  it("tells only its shape inside vmap, where it has no numbers", () => {
    const seen: Record<string, string>[] = [];
    vmap((x: Tensor) => {
      seen.push(bundleOf(x));
      return x;
    })(zeros([3, 2]));
    assert.match(
      seen[0]?.["text/plain"] ?? "",
      /^tensor\(shape=\[2\], one of a batch inside vmap\)\n\[shown as text only: /,
    );
  });
});

describe("tensor.latex", () => {
  it("is a matrix in brackets, typeset by text/latex", () => {
    const x = tensor([[1, -0.5], [1e-7, NaN]], { dtype: "f64" }); // prettier-ignore
    const shown = assertExpected("latex-matrix", x.latex({ name: "W_1" }));
    assert.equal(
      shown["text/latex"],
      "$$W_1 = \\begin{bmatrix} 1 & -0.5 \\\\ 1 \\times 10^{-7} & \\mathrm{nan} \\end{bmatrix}$$",
    );
  });

  it("cuts long axes, and writes vectors as rows or columns", () => {
    assertExpected("latex-large", arange(400).reshape([20, 20]).latex({ most: 4 }));
    assert.equal(String(arange(2).latex()), "\\begin{bmatrix} 0 & 1 \\end{bmatrix}");
    assert.equal(String(arange(2).latex({ column: true })), "\\begin{bmatrix} 0 \\\\ 1 \\end{bmatrix}");
    assert.equal(String(tensor(2.5).latex()), "2.5");
    assert.equal(String(zeros([1, 1, 1]).latex()), "\\begin{bmatrix} \\begin{bmatrix} 0 \\end{bmatrix} \\end{bmatrix}");
  });
});

describe("tensor.image", () => {
  const pixels = (x: Tensor, options = {}) => decodePng(Buffer.from(x.image(options).png));

  it("has a pixel for each element, enlarged without smoothing", () => {
    const shown = assertExpected("image-grey", tensor([[0, 0.5], [1, 0.25]]).image({ scale: 3 })); // prettier-ignore
    const { width, height, at } = read(shown["image/png"] ?? "");
    assert.deepEqual([width, height], [6, 6]);
    assert.deepEqual([at(0, 0), at(2, 2), at(3, 0), at(5, 2), at(0, 3), at(5, 5)].map(([grey]) => grey), [0, 0, 128, 128, 255, 64]); // prettier-ignore
  });

  it("takes colours as [h, w, 3] and [3, h, w]", () => {
    const x = tensor([[[255, 0, 0], [0, 255, 0]]], { dtype: "i32" }); // prettier-ignore
    for (const picture of [x, x.permute([2, 0, 1])]) {
      const { at } = read(bundleOf(picture.image({ scale: 1 }))["image/png"] ?? "");
      assert.deepEqual([at(0, 0), at(1, 0)], [[255, 0, 0], [0, 255, 0]]); // prettier-ignore
    }
  });

  it("shows signs by colours", () => {
    const { at } = read(bundleOf(tensor([[-2, 0, 1]]).image({ signed: true, scale: 1 }))["image/png"] ?? "");
    assert.deepEqual([at(0, 0), at(1, 0), at(2, 0)], [[194, 65, 12], [255, 255, 255], [142, 167, 236]]); // prettier-ignore
  });

  it("puts several into a grid, and keeps large ones small", () => {
    assertExpected("image-digits", data.digits().tensors[0].image());
    const large = rand([700, 900, 3], { generator: new Generator(1) }).image();
    assert.ok(large.png.length < 140_000);
    const { width, height } = decodePng(Buffer.from(large.png));
    assert.ok(width > 100 && Math.abs(width / height - 9 / 7) < 0.05);
  });

  it("is described for those who do not see it, in HTML too, which says it in JupyterLab", () => {
    const evil = tensor([[0, 0.5], [1, 0.25]]).named('<b onclick="x">'); // prettier-ignore
    const shown = bundleOf(evil.image());
    const alt = "f32 [2, 2], 0 to 1 from black to white; on average 0.438, largest in row 1, column 0";
    assert.equal(shown["text/plain"], `[image: <b onclick="x">, ${alt}]`);
    const named = "&lt;b onclick=&quot;x&quot;&gt;";
    assert.equal(shown["text/html"], `<img src="${evil.image().address}" alt="${named}, ${alt}">`);
    const noise = bundleOf(rand([400, 400, 3], { generator: new Generator(1) }).image());
    assert.deepEqual(Object.keys(noise), ["image/png", "text/plain"]);
  });

  it("refuses what is no picture", () => {
    assert.throws(() => zeros([5]).image(), /^RangeError: image: expected \[h, w\], .* not \[5\]$/);
    assert.throws(() => zeros([2, 2]).image({ scale: 0.5 }), /image: scale is a whole number from 1, not 0\.5/);
    assert.throws(() => zeros([2, 2]).image({ min: 2, max: 1 }), /image: min must not be above max: 2 and 1/);
    assert.ok(pixels(zeros([2, 2])).width > 200);
  });
});

describe("statistics", () => {
  it("are exact, also beside what is not finite, and where squares overflow", () => {
    const { min, max, mean, nans, infinities, zeros: none, norm } = statistics(tensor([NaN, -3, 0, 4, Infinity]));
    assert.deepEqual({ min, max, mean, nans, infinities, none }, { min: -3, max: 4, mean: 1 / 3, nans: 1, infinities: 1, none: 1 }); // prettier-ignore
    assert.ok(Number.isNaN(norm));
    for (const size of [1e200, 1e-200]) {
      const { norm } = statistics(tensor([3 * size, 4 * size], { dtype: "f64" }));
      assert.ok(Math.abs(norm / size - 5) < 1e-14);
    }
    assert.equal(statistics(tensor([[3, 4], [0, 0]]).t()).norm, 5); // prettier-ignore
  });
});

/** A picture, with the red, green and blue of a pixel. */
function read(base64: string): { width: number; height: number; at(x: number, y: number): number[] } {
  const { width, height, pixels } = decodePng(Buffer.from(base64, "base64"));
  return { width, height, at: (x, y) => [...pixels.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)] };
}
