// The `paths` of the folder's tsconfig.json: what runs cells and what checks them find the same files.
import assert from "node:assert/strict";
import { mapped } from "../../kernel/tsconfig-paths.ts";
import { ModuleSession } from "./module-session.ts";

describe("The paths of a tsconfig.json", () => {
  let session: ModuleSession;
  beforeEach(() => {
    session = new ModuleSession({ typecheck: "error" });
  });
  afterEach(() => session.close());

  it("lead cells and local files to the same files, with their types, and are followed when these change", async () => {
    session.write({
      "tsconfig.json": `{
        // As editors write it, with comments and a comma at the end.
        "compilerOptions": { "strict": true, "paths": { "@/*": ["./src/*"], "~config": ["./config.json"], "adjoint": ["./src/model"] } },
      }`,
      "config.json": '{ "rate": 0.5 }',
      "src/model.ts": 'import { scale } from "@/deep/scale"; export const model = (x: number): number => scale(x);',
      "src/deep/scale.ts": "export const scale = (x: number): number => x * 2;",
    });
    await session.succeed(
      'import { model } from "@/model"; import config from "~config"; import { tensor } from "adjoint";',
    );
    assert.equal(await session.result("model(config.rate) + tensor([1]).item()"), "2");
    assert.equal(await session.result('(require("@/deep/scale") as typeof import("@/deep/scale")).scale(4)'), "8");
    assert.match(
      (await session.run('model("3")')).traceback,
      /^TypeScriptError: TS2345: Argument of type 'string' is not assignable to parameter of type 'number'/,
    );
    session.write({ "src/deep/scale.ts": "export const scale = (x: number): string => 'x'.repeat(x);" });
    session.write({
      "src/model.ts": 'import { scale } from "@/deep/scale"; export const model = (x: number): string => scale(x);',
    });
    assert.equal(await session.result("model(3).toUpperCase()"), "'XXX'");
    assert.match((await session.run('import { nothing } from "@/nowhere"')).traceback, /^TypeScriptError: TS2307: /);
  });

  it("of what it extends count, from where they are written, and a package is found where no file is", async () => {
    session.write({
      "base/tsconfig.base.json": '{ "compilerOptions": { "paths": { "*": ["./lib/*"] } } }',
      "base/lib/tools.ts": "export const tool: number = 7;",
      "tsconfig.json": '{ "extends": "./base/tsconfig.base", "compilerOptions": { "strict": true } }',
      "node_modules/pack/package.json": '{ "name": "pack", "main": "i.js", "types": "i.d.ts" }',
      "node_modules/pack/i.js": "exports.packed = 1;",
      "node_modules/pack/i.d.ts": "export const packed: number;",
    });
    await session.succeed(
      'import { tool } from "tools"; import { packed } from "pack"; import { sep } from "node:path";',
    );
    assert.equal(await session.result("tool + packed + sep.length"), "9");
  });

  it("are matched as TypeScript matches them", () => {
    const mappings = {
      "@/*": ["/src/*", "/gen/*"],
      "@/ui/*": ["/ui/*"],
      exact: ["/exact.ts"],
      "*.css": ["/styles/*.css"],
    };
    assert.deepEqual(mapped("@/a/b", mappings), ["/src/a/b", "/gen/a/b"]);
    assert.deepEqual(mapped("@/ui/$&", mappings), ["/ui/$&"]);
    assert.deepEqual(mapped("exact", mappings), ["/exact.ts"]);
    assert.deepEqual(mapped("a.css", mappings), ["/styles/a.css"]);
    assert.deepEqual(mapped("other", mappings), []);
  });
});
