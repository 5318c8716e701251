// What each display takes in a notebook's file, all formats together, whatever is shown; the slow ones are in size.full.test.ts.
import assert from "node:assert/strict";
import { LIMIT, QUICK, reset, shown } from "./large-displays.ts";

describe("a display of very much", function () {
  this.timeout(30_000);

  for (const [name, make] of Object.entries(QUICK)) {
    it(`takes less than 200 kB: ${name}`, async () => {
      reset();
      const { bytes, data } = await shown(make());
      assert.ok(bytes < LIMIT, `${bytes} bytes`);
      assert.doesNotMatch(String(data["text/plain"]), /shown as text only|not shown|no picture/);
      assert.ok(Object.keys(data).length > 1);
    });
  }
});
