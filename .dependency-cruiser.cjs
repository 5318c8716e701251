// Which file may import which. The sources are read with their type imports; the compiled files in dist/ show what is
// imported at run time, so rules about a package's code (not its types) look there. Parsed by swc, because
// dependency-cruiser does not accept TypeScript 7 as a parser.

const BETWEEN_PARTS = "parts of the project meet only where ARCHITECTURE.md says so";

/**
 * The library from the ground up: what runs in a file imports from its own layer and those above it in this list, and from nothing below.
 * Types may refer to each other: `Tensor` names its methods, which need `Tensor`.
 */
const LAYERS = [
  ["dtype", "names", "shape", "shape-types"],
  ["backend", "results"],
  ["elements", "views"],
  ["trace"],
  ["backends", "forward", "tape", "tree"],
  ["create", "optim", "print"],
  ["random", "safetensors"],
  ["ops"],
  ["batch", "data", "primitives", "reverse"],
  ["autograd", "methods", "transform"],
  ["inspect"],
  ["display", "nn"],
  ["tensor"],
  ["index"],
];
const compiled = (names) => `^dist/lib/(${names.join("|")})(\\.js$|/.*\\.js$)`;
const orderOfLayers = LAYERS.slice(0, -1).map((layer, k) => ({
  name: `library-order-${layer[0]}`,
  comment: "in lib/, a file imports only from its own layer and those above it in LAYERS",
  severity: "error",
  from: { path: compiled(layer) },
  to: { path: compiled(LAYERS.slice(k + 1).flat()) },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "types may refer to each other; what runs may not",
      severity: "error",
      from: { path: "^dist/" },
      to: { circular: true },
    },
    {
      name: "no-orphans",
      comment: "a module that imports nothing and that nobody imports is forgotten code",
      severity: "error",
      from: { orphan: true, path: "^(kernel|lib|notebooks|test|bench)/", pathNot: "\\.d\\.ts$" },
      to: {},
    },
    {
      name: "nothing-unresolved",
      severity: "error",
      from: { pathNot: "^dist/" },
      to: { couldNotResolve: true },
    },
    {
      name: "only-listed-packages",
      comment: "what users run may import only what package.json lists under dependencies",
      severity: "error",
      from: { path: "^(dist/)?(kernel|lib|bin)/" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "kernel-knows-no-library",
      comment: BETWEEN_PARTS,
      severity: "error",
      from: { path: "^kernel/" },
      to: { path: "^(lib|notebooks|test|bench|scripts)/" },
    },
    {
      name: "library-knows-no-kernel",
      comment: BETWEEN_PARTS,
      severity: "error",
      from: { path: "^lib/" },
      to: { path: "^(kernel|notebooks|test|bench|scripts)/" },
    },
    ...orderOfLayers,
    {
      name: "library-order-known",
      comment: "each file of lib/ has a place in LAYERS",
      severity: "error",
      from: { path: "^dist/lib/.*\\.js$", pathNot: compiled(LAYERS.flat()) },
      to: {},
    },
    {
      name: "notebooks-use-the-session",
      comment: BETWEEN_PARTS,
      severity: "error",
      from: { path: "^notebooks/" },
      to: {
        path: "^(kernel|test|bench|scripts)/",
        pathNot:
          "^kernel/(session|run|run-progress|notebook|notebook-outputs|replace-file|exit-codes|prelude|language-info|cell/last-expression|language/(declarations|tokens))\\.ts$",
      },
    },
    {
      name: "zeromq-in-channels",
      comment: "sockets are opened in one place; the tests and benchmarks speak for the other side",
      severity: "error",
      from: { path: "^(kernel|lib|notebooks)/", pathNot: "^kernel/channels\\.ts$" },
      to: { path: "(^|/)node_modules/zeromq/" },
    },
    {
      name: "parsers-in-cell",
      comment: "cells are parsed and rewritten in one place; elsewhere only the parsers' types",
      severity: "error",
      from: { path: "^dist/(kernel|lib|notebooks)/", pathNot: ["^dist/kernel/cell\\.js$", "^dist/kernel/cell/"] },
      to: { path: "(^|/)node_modules/(@swc/core|acorn)/" },
    },
    {
      name: "language-protocol-in-server",
      comment: "the language server is spoken with in one place; elsewhere its answers' types",
      severity: "error",
      from: { path: "^kernel/", pathNot: "^kernel/language/server\\.ts$" },
      to: { path: "(^|/)node_modules/vscode-" },
    },
    {
      name: "runtime-knows-no-language",
      comment: "types are the kernel process's matter: checking goes on whatever the user's code does",
      severity: "error",
      from: { path: "^kernel/(runtime|display|cell)/" },
      to: { path: "^kernel/language(\\.ts|/)" },
    },
    {
      name: "session-knows-no-protocol",
      severity: "error",
      from: { path: "^kernel/session\\.ts$" },
      to: { path: "^kernel/(kernel|channels|message)\\.ts$" },
    },
    {
      name: "runtime-knows-no-kernel",
      comment: "the process of the user's code talks to its session and to nobody else",
      severity: "error",
      from: { path: "^kernel/(runtime|display)/" },
      to: { path: "^kernel/(kernel|channels|message|cli)\\.ts$" },
    },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".js", ".json", ".d.ts"],
    },
  },
};
