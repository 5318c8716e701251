// Which objects are charts; how they are drawn is tested beside this.
import assert from "node:assert/strict";
import { isChartSpec } from "../../kernel/display/chart.ts";

describe("isChartSpec", () => {
  it("knows vega, vega-lite and plotly, and nothing that only resembles them", () => {
    assert.ok(isChartSpec({ $schema: "https://vega.github.io/schema/vega-lite/v5.json", mark: "bar" }));
    assert.ok(isChartSpec({ $schema: "https://vega.github.io/schema/vega/v5.json" }));
    assert.ok(isChartSpec({ data: [{ type: "bar", y: [1] }], layout: {} }));
    assert.ok(!isChartSpec({ $schema: "https://json-schema.org/draft/2020-12/schema" }));
    assert.ok(!isChartSpec({ data: [1, 2], layout: "wide" }));
    assert.ok(!isChartSpec({ data: {}, layout: {} }));
  });
});
