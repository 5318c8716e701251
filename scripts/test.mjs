// `npm test`: sets everything up, checks sources (linter, import rules, formatting), runs the tests, and closes with one
// line of totals. `--full` adds the long tests (*.full.test.ts), `--only-full` runs nothing but those, `--only-checks` only
// the checks; what else is on the command line goes to mocha, for example `npm test -- --grep kernelspec`.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { guarded, ROOT, run, setUp } from "./setup.mjs";

const CHECKS = [
  ["linter", "oxlint/bin/oxlint", ["--deny-warnings"]],
  ["import rules", "dependency-cruiser/bin/dependency-cruise.mjs", ["--progress", "none"]],
  [
    "formatting",
    "prettier/bin/prettier.cjs",
    ["--check", "--cache", "--cache-location=.cache/prettier", "--log-level=warn", "."],
  ],
];
const CRUISED = ["kernel", "lib", "notebooks", "test", "bench", "dist"];

const ours = ["--full", "--only-full", "--only-checks"];
const args = process.argv.slice(2);
const [full, onlyFull, onlyChecks] = ours.map((option) => args.includes(option));
const mochaArgs = args.filter((arg) => !ours.includes(arg));

const totals = { passed: 0, failed: 0, skipped: 0 };

await guarded(async () => {
  try {
    await setUp({ withPython: !onlyChecks });
  } catch (error) {
    totals.failed++;
    process.once("exit", printTotals);
    throw error;
  }
  if (!onlyFull) await checkSources();
  // Three, for many tests wait for something.
  if (!onlyFull && !onlyChecks) await runTests("tests", (file) => !isFull(file), ["--parallel", "--jobs", "3"]);
  if (full || onlyFull) await runTests("long tests", isFull, []);
  if (!onlyChecks) await printRemedies();
  printTotals();
  return totals.failed === 0 ? 0 : 1;
});

async function checkSources() {
  // All at once, told one after the other.
  const checks = CHECKS.map(([name, program, options]) => {
    const paths = name === "import rules" ? CRUISED.filter((folder) => holdsScripts(join(ROOT, folder))) : [];
    const start = Date.now();
    const checked = run(process.execPath, [join(ROOT, "node_modules", program), ...options, ...paths]);
    return { name, done: checked.then((result) => ({ ...result, seconds: (Date.now() - start) / 1000 })) };
  });
  for (const { name, done } of checks) {
    process.stdout.write(name.padEnd(16));
    const { code, output, seconds } = await done;
    process.stdout.write(`${code === 0 ? "ok" : "failed"} (${seconds.toFixed(1)} s)\n`);
    if (code !== 0) console.log(output);
    totals[code === 0 ? "passed" : "failed"]++;
  }
}

function holdsScripts(folder) {
  return existsSync(folder) && readdirSync(folder, { recursive: true }).some((file) => /\.[jt]s$/.test(file));
}

async function runTests(name, belongs, options) {
  const files = readdirSync(join(ROOT, "dist", "test"), { recursive: true })
    .filter((file) => file.endsWith(".test.js") && belongs(file))
    .map((file) => join("dist", "test", file))
    .sort();
  if (files.length === 0) {
    console.log(`${name}: there are none`);
    return;
  }
  const cache = join(ROOT, ".cache");
  const results = join(cache, "test-results.json");
  mkdirSync(cache, { recursive: true });
  rmSync(results, { force: true });
  const reporter = ["--reporter", "scripts/reporter.mjs", "--reporter-option", `output=${results}`];
  const mocha = join(ROOT, "node_modules", "mocha", "bin", "mocha.js");
  const { code, signal } = await run(process.execPath, [mocha, ...reporter, ...options, ...mochaArgs, ...files], {
    stdio: "inherit",
  });
  const { passed, failed, skipped } = existsSync(results)
    ? JSON.parse(readFileSync(results, "utf8"))
    : { passed: 0, failed: 0, skipped: 0 };
  totals.passed += passed;
  totals.skipped += skipped;
  // A file that cannot be loaded, or a process that died, leaves no failed test behind.
  totals.failed += code !== 0 && failed === 0 ? 1 : failed;
  if (code !== 0 && failed === 0) console.log(`${name}: mocha ended with ${signal ?? `exit code ${code}`}`);
}

function isFull(file) {
  return file.endsWith(".full.test.js");
}

async function printRemedies() {
  const { findChromium, INSTALL_CHROMIUM } = await import("../dist/test/chromium.js");
  if (!findChromium()) console.log(`the tests in a browser were skipped; this installs one: ${INSTALL_CHROMIUM}`);
}

function printTotals() {
  const { passed, failed, skipped } = totals;
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
}
