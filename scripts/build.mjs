// `npm run build`: compiles everything to dist/, then joins what users start into one file per process in dist/bundle/. Loading
// some fifty small modules, and Node's loader of ES modules at all, cost a kernel a third of its start; the tests run the small
// ones.

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** Loaded when first needed, by whoever has the kernel's own modules in one file. */
const LATER = ["language.js", "chart-picture.js"];
const ENTRIES = ["cli.js", "kernel-command.js", "language.js", "runtime/main.js", "runtime/interrupt-thread.js"];

const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
// First everything; then the declarations of the library, which users and the language server read.
for (const project of [".", "lib"]) {
  const { status } = spawnSync(process.execPath, [tsc, "-p", project], { cwd: ROOT, stdio: "inherit" });
  if (status !== 0) process.exit(1);
}

// What the library exports, as TypeScript says it, so that no kernel has to ask before its first cell.
const compiled = (...path) => import(pathToFileURL(join(ROOT, "dist", "kernel", "language", ...path)).href);
const { askNames } = await compiled("prelude.js");
writeFileSync(join(ROOT, "dist", "lib", "names.json"), JSON.stringify(await askNames("adjoint", ROOT)));

const bundle = join(ROOT, "dist", "bundle");
mkdirSync(bundle, { recursive: true });
writeFileSync(join(bundle, "package.json"), '{ "type": "commonjs" }\n');
const { build } = await import("esbuild");
const options = {
  absWorkingDir: ROOT,
  outbase: join("dist", "kernel"),
  outdir: bundle,
  bundle: true,
  platform: "node",
  target: "node20.19",
  format: "cjs",
  banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
  define: { "import.meta.url": "importMetaUrl" },
  logLevel: "warning",
};
const later = {
  name: "later",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\// }, ({ path, kind }) =>
      kind !== "entry-point" && LATER.includes(path.slice(2)) ? { path, external: true } : undefined,
    ),
};
await build({
  ...options,
  entryPoints: ENTRIES.map((entry) => join("dist", "kernel", entry)),
  external: ["@swc/core", "zeromq", "commander"],
  // All that is loaded later is CommonJS, too: to load it, Node need not load its loader of ES modules.
  supported: { "dynamic-import": false },
  plugins: [later],
  sourcemap: "linked",
});

// The library, as every `import … from "adjoint"` gets it, here and in a browser: as ninety small modules it takes four times as long to
// load. No Node in it.
await build({
  absWorkingDir: ROOT,
  entryPoints: [join("dist", "lib", "index.js")],
  outfile: join(bundle, "adjoint.mjs"),
  bundle: true,
  platform: "neutral",
  // Loaded with the first graph.
  external: ["@hpcc-js/wasm-graphviz"],
  target: "es2022",
  charset: "utf8",
  format: "esm",
  sourcemap: "linked",
  logLevel: "warning",
});

// The compiler of notes, with the parsers of Markdown that it consists of.
const lesson = await build({
  ...options,
  entryPoints: [{ in: join("dist", "notebooks", "compiler", "cli.js"), out: "lesson" }],
  external: ["@swc/core", "commander"],
  plugins: [later],
  minify: true,
  legalComments: "none",
  metafile: true,
});
writeFileSync(join(bundle, "LICENSES"), licences(Object.keys(lesson.metafile.inputs)));

// Two packages need a word more. Resvg instantiates its WebAssembly asynchronously, and only once: wasm-bindgen, which made its module,
// has an `initSync` for that, and this is it. Vega-lite gives all Sets a `toJSON`: it gets Sets of its own.
const INIT_SYNC = `
export function initSync(module) {
  initialized = true;
  __wbg_finalize_init(new WebAssembly.Instance(module, __wbg_get_imports()), module);
}`;
const OWN_SET = "class Set extends globalThis.Set {}\n";
const amended = {
  name: "amended",
  setup(plugged) {
    const amend = (filter, change) =>
      plugged.onLoad({ filter }, ({ path }) => ({ contents: change(readFileSync(path, "utf8")) }));
    amend(/resvg-wasm[\\/]index\.mjs$/, (code) => code + INIT_SYNC);
    amend(/vega-lite[\\/]build[\\/]vega-lite\.js$/, (code) => OWN_SET + code);
  },
};

// Vega and the some fifty packages that it consists of, which nothing but a chart loads, and resvg, which other pictures load as well. Vega draws without a browser also where a
// cell has defined a `document`.
const { metafile } = await build({
  ...options,
  entryPoints: ["chart-engine.js", "chart-picture.js"].map((entry) => join("dist", "kernel", "display", entry)),
  external: ["canvas"],
  define: { ...options.define, document: "undefined", window: "undefined" },
  minify: true,
  legalComments: "none",
  metafile: true,
  plugins: [later, amended],
});
writeFileSync(join(bundle, "display", "LICENSES"), licences(Object.keys(metafile.inputs)));

/** The licences of the packages that these files belong to, as their authors ask for. */
function licences(files) {
  const packages = files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]).filter(Boolean);
  return [...new Set(packages)]
    .sort()
    .map((folder) => {
      const file = readdirSync(join(ROOT, folder)).find((name) => /^licen[cs]e/i.test(name));
      return `${folder.replace(/^.*node_modules\//, "")}\n\n${file ? readFileSync(join(ROOT, folder, file), "utf8") : ""}\n`;
    })
    .join("\n");
}
