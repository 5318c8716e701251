// Which fonts a chart's PNG is drawn with.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fontsFor } from "../../kernel/display/chart-fonts.ts";

const text = (family: string, content: string) => `<svg><text font-family="${family}">${content}</text></svg>`;

describe("fontsFor", function () {
  const folder = mkdtempSync(join(tmpdir(), "adjoint-fonts-"));
  const previous = process.env["XDG_DATA_HOME"];

  before(function () {
    // Elsewhere the folders of fonts are fixed.
    if (process.platform === "win32" || process.platform === "darwin") return this.skip();
    process.env["XDG_DATA_HOME"] = folder;
    mkdirSync(join(folder, "fonts", "deep"), { recursive: true });
    writeFileSync(join(folder, "fonts", "deep", "Some-Serif_Bold.ttf"), "serif");
    writeFileSync(join(folder, "fonts", "NotoSansCJK-Test.ttc"), "cjk");
    writeFileSync(join(folder, "fonts", "SomeSerif.txt"), "no font");
  });
  after(() => {
    if (previous === undefined) delete process.env["XDG_DATA_HOME"];
    else process.env["XDG_DATA_HOME"] = previous;
    rmSync(folder, { recursive: true });
  });

  /** Those besides the bundled ones, as text. */
  const others = (svg: string) =>
    fontsFor(svg)
      .slice(2)
      .map((font) => Buffer.from(font).toString())
      .filter((content) => ["serif", "cjk", "no font"].includes(content));

  it("are the bundled ones for generic families, and for Latin, Greek, Cyrillic, Arabic and mathematics", () => {
    const bundled = fontsFor(text("sans-serif", "loss"));
    assert.equal(bundled.length, 2);
    for (const family of ["sans-serif", "monospace", "DejaVu Sans, sans-serif"]) {
      assert.deepEqual(fontsFor(text(family, "‖∇f(σ)‖ ≤ ε → ∞ Жы Łódź ﬁ ∈ ℝ ⟨x⟩ سلام ★")), bundled, family);
    }
  });

  it("are also the machine's own of a family that the chart names", () => {
    assert.deepEqual(others(text("Some Serif, serif", "loss")), ["serif"]);
    assert.deepEqual(others(text("&quot;Some Serif&quot;", "loss")), ["serif"]);
    assert.deepEqual(others(text("Another", "loss")), []);
  });

  it("are also the machine's own with many scripts for text that the bundled ones lack", () => {
    for (const content of ["损失", "損失", "손실", "हानि", "สูญเสีย", "😀"]) {
      assert.deepEqual(others(text("sans-serif", content)), ["cjk"], content);
    }
  });
});
