// Loops without a notebook: progress passes its items on, and range counts as Python's does.
import assert from "node:assert/strict";
import { progress, range } from "../../../lib/index.ts";
import { duration } from "../../../lib/display/progress.ts";

describe("progress without a notebook", () => {
  it("passes every item on", async () => {
    assert.deepEqual([...progress(range(3), { loss: 1 })], [0, 1, 2]);
    const seen: number[] = [];
    for await (const k of progress((async function* () { yield* [1, 2]; })())) seen.push(k); // prettier-ignore
    assert.deepEqual(seen, [1, 2]);
  });

  it("closes the iterator of a loop that is left", () => {
    let closed = false;
    const items = (function* () {
      try {
        yield 1;
        yield 2;
      } finally {
        closed = true;
      }
    })();
    for (const _ of progress(items)) break;
    assert.ok(closed);
  });

  it("refuses what cannot be looped over", () => {
    assert.throws(
      () => progress(5 as never),
      /^TypeError: progress: takes something to loop over, .* not a number; range\(5\) counts$/,
    );
    assert.throws(() => progress(null as never), /^TypeError: progress: takes something to loop over/);
    const later = { async *[Symbol.asyncIterator]() { yield 1; } }; // prettier-ignore
    assert.throws(() => [...(progress(later) as unknown as Iterable<number>)], /come asynchronously; use for await$/);
  });
});

describe("range", () => {
  it("counts as Python's", () => {
    assert.deepEqual([...range(3)], [0, 1, 2]);
    assert.deepEqual([...range(2, 10, 3)], [2, 5, 8]);
    assert.deepEqual([...range(3, 0, -1)], [3, 2, 1]);
    assert.deepEqual([range(2, 10, 3).length, range(5, 2).length, range(0).length], [3, 0, 0]);
  });

  it("refuses a step of 0, and what is no number", () => {
    assert.throws(() => range(0, 1, 0), /^RangeError: range: a step of 0 never ends$/);
    assert.throws(() => range("3" as never), /^TypeError: range: stop must be a finite number, not 3$/);
  });
});

describe("a duration", () => {
  it("is told in the units that suit", () => {
    assert.deepEqual([20, 800, 12_300, 125_000, 10_920_000, 864_000_000].map(duration), [
      "20 ms",
      "0.8 s",
      "12 s",
      "2 min 5 s",
      "3 h 2 min",
      "10 days",
    ]);
  });
});
