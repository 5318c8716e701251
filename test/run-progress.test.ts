// What a run shows: the bar on a terminal, lines elsewhere, and a failed cell.
import assert from "node:assert/strict";
import { formatFailure, formatSeconds, RunProgress } from "../kernel/run-progress.ts";

describe("RunProgress", () => {
  function record(progress: (out: RunProgress) => void, terminal: { isTTY?: boolean; columns?: number }) {
    let text = "";
    const out = { ...terminal, write: (chunk: string) => (text += chunk) };
    progress(new RunProgress(out, {}));
    return text;
  }
  const run = (out: RunProgress) => {
    out.begin("a.ipynb", 4);
    out.cellStarted(2);
    out.print("\x1b[31mred\x1b[39m");
    out.cellEnded("failed");
    out.end();
  };

  it("redraws one line with a bar on a terminal", () => {
    const text = record(run, { isTTY: true, columns: 80 });
    assert.match(text.replaceAll("\x1b[K", "\n"), /\r\na\.ipynb █{5}░{15} cell 2 of 4 · 0\.\d s/);
    assert.ok(text.includes("\x1b[31mred\x1b[39m\n"));
    assert.ok(text.endsWith("\r\x1b[K"));
  });

  it("never writes a line wider than the terminal", () => {
    for (const line of record(run, { isTTY: true, columns: 12 }).replaceAll("\x1b[K", "\n").split("\n")) {
      assert.ok(line.includes("red") || line.trimEnd().length < 12);
    }
  });

  it("writes a plain line per cell elsewhere", () => {
    assert.match(record(run, {}), /^red\na\.ipynb: cell 2 of 4 failed: 0\.\d\d s\n$/);
  });
});

describe("formatFailure", () => {
  const failure = (line: string) => ({
    status: "error" as const,
    ename: "Error",
    evalue: "no",
    traceback: ["Error: no", line],
  });

  it("marks the failing line of the cell and ends with the traceback", () => {
    const text = formatFailure(3, "a\nb\nc", failure("    at f (Cell [2]:9:1)\n    at Cell [3]:2:1"));
    assert.equal(
      text,
      "  1 | a\n\x1b[1m> 2 | b\x1b[22m\n  3 | c\n\nError: no\n    at f (Cell [2]:9:1)\n    at Cell [3]:2:1",
    );
  });

  it("shows of a long cell what is near the failing line", () => {
    const source = Array.from({ length: 100 }, (_, index) => `x${index + 1}`).join("\n");
    const shown = formatFailure(1, source, failure("    at Cell [1]:50:1")).split("\n");
    assert.equal(shown[0], "     | …");
    assert.equal(shown[9], "\x1b[1m> 50 | x50\x1b[22m");
    assert.ok(!shown.some((line) => line.includes("x20")));
  });
});

describe("formatSeconds", () => {
  it("gives digits that matter", () => {
    assert.deepEqual(
      [0.123, 12.34, 59.99, 125].map((seconds) => formatSeconds(seconds)),
      ["0.12 s", "12.3 s", "1 min 00 s", "2 min 05 s"],
    );
  });
});
