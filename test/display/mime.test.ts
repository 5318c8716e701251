// What each kind of value is shown as. The shapes of libraries' objects are those of Deno's formatter and its tests.
import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import vm from "node:vm";
import { bundleOf } from "../../kernel/display/mime.ts";

const DISPLAY = Symbol.for("Jupyter.display");
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAAXNSR0IArs4c6QAAAARzQklUCAgICHwIZIgAAAAVSURBVAiZY/zPwPCfAQ0woQtQQRAAzqkCCB/D3o0AAAAASUVORK5CYII=";
const JPEG = Buffer.from("ffd8ffe000104a46494600010100000100010000ffc0000b080002000301011100ffd9", "hex");
const GIF = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><circle r="1"/></svg>';

async function data(value: unknown): Promise<Record<string, unknown>> {
  return (await bundleOf(value)).data;
}

async function text(value: unknown): Promise<string> {
  const { "text/plain": plain, ...others } = await data(value);
  assert.deepEqual(others, {});
  return stripVTControlCharacters(String(plain));
}

describe("bundleOf", () => {
  describe("an object with its own Jupyter.display", () => {
    it("shows what the method returns, at once or later, with a text", async () => {
      class Example {
        readonly x = 5;
        [DISPLAY]() {
          return { "application/json": { x: this.x } };
        }
      }
      assert.deepEqual((await data(new Example()))["application/json"], { x: 5 });
      assert.match(String((await data(new Example()))["text/plain"]), /^Example/);
      const later = { [DISPLAY]: async () => ({ "text/html": await Promise.resolve("<b>x</b>"), "text/plain": "x" }) };
      assert.deepEqual(await data(later), { "text/html": "<b>x</b>", "text/plain": "x" });
      class Later {
        // oxlint-disable-next-line unicorn/no-thenable -- a promise of a library's own
        then(done: (bundle: object) => void) {
          done({ "text/plain": "x" });
        }
      }
      const thenable = { [DISPLAY]: () => new Later() };
      assert.deepEqual(await data(thenable), { "text/plain": "x" });
    });

    it("may be a function, or a proxy that says it has one", async () => {
      const bundle = () => ({ "text/plain": "x" });
      assert.equal(await text(Object.assign(() => {}, { [DISPLAY]: bundle })), "x");
      assert.equal(await text(new Proxy({ [DISPLAY]: bundle }, {})), "x");
      const traps: ProxyHandler<object> = {
        has: (_, key) => key === DISPLAY,
        get: (_, key) => (key === DISPLAY ? bundle : 1),
      };
      assert.equal(await text(new Proxy({}, traps)), "x");
    });

    it("falls back to text where the method fails, and says so", async () => {
      const failing: [unknown, RegExp][] = [
        [
          () => {
            throw new RangeError("broken");
          },
          /failed: RangeError: broken\]$/,
        ],
        [() => Promise.reject(new Error("later")), /failed: Error: later\]$/],
        [() => vm.runInThisContext("throw null") as unknown, /failed: null\]$/],
        [() => "text", /failed: TypeError: it did not return an object keyed by MIME type\]$/],
        [() => undefined, /did not return an object/],
        [() => [], /did not return an object/],
        [() => ({ "application/json": 1n }), /application\/json: the value cannot be written as JSON: .*BigInt\]$/],
      ];
      for (const [method, reason] of failing) assert.match(await text({ a: 1, [DISPLAY]: method }), reason);
      assert.match(
        await text({
          get [DISPLAY]() {
            throw new Error("getter");
          },
        }),
        /cannot be shown otherwise: Error: getter\]$/,
      );
    });
  });

  describe("a picture", () => {
    it("is known by how its bytes begin, in whatever buffer they are", async () => {
      const png = Buffer.from(PNG, "base64");
      for (const bytes of [png, new Uint8Array(png), new Uint8ClampedArray(png), Uint8Array.from(png).buffer]) {
        assert.deepEqual(await bundleOf(bytes), {
          data: { "image/png": PNG, "text/plain": "PNG image, 5 × 5, 107 bytes" },
          metadata: { "image/png": { width: 5, height: 5 } },
        });
      }
      assert.deepEqual(await bundleOf(JPEG), {
        data: { "image/jpeg": JPEG.toString("base64"), "text/plain": "JPEG image, 3 × 2, 35 bytes" },
        metadata: { "image/jpeg": { width: 3, height: 2 } },
      });
      const webp = Buffer.from("RIFF\0\0\0\0WEBPVP8 ");
      assert.equal((await data(webp))["image/webp"], webp.toString("base64"));
      const gif = await data(GIF);
      assert.equal(gif["image/gif"], GIF.toString("base64"));
      // For nbconvert, which knows no GIF.
      assert.match(
        String(gif["text/html"]),
        /^<img src="data:image\/gif;base64,R0lG[^"]+" alt="GIF image, 1 × 1, 42 bytes">$/,
      );
    });

    it("may be SVG, with whatever comes before its first element", async () => {
      const before = '\ufeff<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE svg PUBLIC "x" "y">\n<!-- <svg> -->\n';
      for (const source of [SVG, before + SVG]) {
        assert.equal((await data(Buffer.from(source)))["image/svg+xml"], source.replace("\ufeff", ""));
      }
    });

    it("is not seen in other bytes", async () => {
      for (const bytes of [
        Buffer.from("hello"),
        new Uint8Array(0),
        Buffer.from([0x89, 0x50]),
        new Uint8Array(8),
        Buffer.from("GIF90a"),
        Buffer.from("<html><svg></svg></html>"),
        Buffer.from("<!--".repeat(1000)),
        Buffer.from("<!--a-->".repeat(500)),
        new Uint16Array(Uint8Array.from(Buffer.from(PNG, "base64").subarray(0, 100)).buffer),
        new DataView(new ArrayBuffer(8)),
      ]) {
        await text(bytes);
      }
    });

    it("may be a Blob", async () => {
      assert.equal((await data(new Blob([Buffer.from(PNG, "base64")], { type: "image/png" })))["image/png"], PNG);
      assert.match(await text(new Blob(["no picture"], { type: "image/png" })), /^Blob \{/);
      assert.match(await text(new Blob(["text"], { type: "text/plain" })), /^Blob \{/);
    });
  });

  it("shows a URL as a link, unless it could run something", async () => {
    const link = await data(new URL("https://example.org/a?b=<c>&d='\"#e"));
    const href = "https://example.org/a?b=%3Cc%3E&amp;d=%27%22#e";
    assert.equal(link["text/html"], `<a href="${href}" target="_blank" rel="noopener">${href}</a>`);
    assert.equal(link["text/plain"], "https://example.org/a?b=%3Cc%3E&d=%27%22#e");
    assert.equal(await text(new URL("javascript:alert(1)")), "'javascript:alert(1)'");
    assert.equal((await text(new URL(`data:text/html,${"x".repeat(1_000_000)}`))).length < 200_000, true);
  });

  it("shows a date in ISO, with the local time where that differs", async () => {
    const zone = process.env["TZ"];
    try {
      process.env["TZ"] = "UTC";
      assert.equal(await text(new Date(0)), "1970-01-01T00:00:00.000Z");
      process.env["TZ"] = "Asia/Tokyo";
      assert.match(await text(new Date(0)), /^1970-01-01T00:00:00.000Z \(Thu Jan 01 1970 09:00:00 GMT\+0900 \(.*\)\)$/);
      assert.equal(await text(new Date(NaN)), "Invalid Date");
      assert.match(await text(Object.assign(new Date(0), { toISOString: null, getTime: null, extra: 1 })), /extra: 1/);
    } finally {
      if (zone === undefined) delete process.env["TZ"];
      else process.env["TZ"] = zone;
    }
  });

  it("says that a pending promise can be awaited", async () => {
    // Where anybody in this process follows asynchronous contexts, Node notes them on its promises; the runtime hides that.
    const noted = /,\s+\[Symbol\((?:(?:trigger_)?async_id_symbol|kResourceStore)\)\]: [^,\n]+/g;
    const plain = async (promise: Promise<unknown>) =>
      (await text(promise)).replaceAll(noted, "").replaceAll(/\s+/g, " ");
    assert.equal(await plain(new Promise(() => {})), "Promise { <pending> } [await it to see its value]");
    assert.equal(await plain(Promise.resolve(1)), "Promise { 1 }");
  });

  it("shows an error that is a value as text with its stack", async () => {
    const shown = await text(new TypeError("a value", { cause: new Error("why") }));
    assert.match(shown, /^TypeError: a value\n +at [^]*\[cause\]: Error: why/);
  });

  it("shows arrays of records and Maps as tables, those of another context too", async () => {
    assert.match(String((await data([{ a: 1 }]))["text/html"]), /^<table>/);
    assert.match(String((await data(new Map([["a", 1]])))["text/html"]), /^<table>/);
    assert.match(String((await data(vm.runInNewContext("[{ a: 1 }]")))["text/html"]), /^<table>/);
    await text(new (class Registry extends Map<string, number> {})([["a", 1]]));
  });

  it("shows a chart's specification as one, also one that a builder makes", async () => {
    const spec = { $schema: "https://vega.github.io/schema/vega-lite/v5.json", data: { values: [] }, mark: "bar" };
    for (const value of [spec, { toSpec: () => spec }]) {
      assert.deepEqual((await data(value))["application/vnd.vegalite.v5+json"], spec);
    }
    assert.match(await text({ toSpec: () => null }), /toSpec: \[Function/);
    assert.match(
      await text({
        toSpec: () => {
          throw new Error("no");
        },
      }),
      /cannot be shown otherwise: Error: no\]$/,
    );
  });

  it("shows a canvas by its data URL, in whatever format, at once or later", async () => {
    class FakeCanvas {
      toDataURL() {
        return `data:image/png;base64,${PNG}`;
      }
    }
    assert.equal((await data(new FakeCanvas()))["image/png"], PNG);
    assert.equal((await data({ toDataURL: async () => `data:image/jpeg;base64,${PNG}` }))["image/jpeg"], PNG);
    assert.match(await text({ toDataURL: () => "nothing" }), /not a data URL in base64\]$/);
  });

  it("shows an element by its outerHTML, as SVG or HTML", async () => {
    assert.equal((await data({ outerHTML: SVG }))["image/svg+xml"], SVG);
    assert.equal((await data({ outerHTML: "<b>x</b>" }))["text/html"], "<b>x</b>");
    await text({ outerHTML: 5 });
  });

  it("shows the first rows of a data frame, even if its own display would show all", async () => {
    class Frame {
      readonly schema = { id: "Int64", "na<me": "Utf8" };
      readonly height = 12_345;
      readonly rows = Array.from({ length: 500 }, (_, index) => ({ id: index, "na<me": `n${index}`, hidden: 1 }));
      head(count: number) {
        return { toRecords: () => this.rows.slice(0, count) };
      }
      toRecords(): never {
        throw new Error("all rows were asked for");
      }
    }
    const html = String((await data(new Frame()))["text/html"]);
    assert.match(html, /<caption[^>]*>100 of 12,345 rows, 2 columns<\/caption>/);
    assert.match(html, /<th scope="col"[^>]*>na&lt;me<\/th><\/tr>/);
    const own = Object.assign(new Frame(), { [DISPLAY]: () => ({ "text/html": "all" }) });
    assert.match(String((await data(new Proxy(own, {})))["text/html"]), /^<table><caption[^>]*>100 of/);
  });

  it("does not run the handlers of a proxy without a display of its own", async () => {
    const traps = new Proxy(
      {},
      { get: (_, name) => (name === "has" ? undefined : () => assert.fail(`the handler ${String(name)}`)) },
    );
    assert.equal(await text(new Proxy({ a: 1 }, traps)), "{ a: 1 }");
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    assert.match(await text(proxy), /Revoked Proxy/);
  });
});
