// Finds the Chromium that the browser tests drive. Without one those tests are skipped, and `npm test` says what would
// install it; where CI is set its absence is a failure, so that a green run has really opened a browser.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"];

const PLACES: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: ["/Applications", join(process.env["HOME"] ?? "", "Applications")].flatMap((folder) =>
    ["Chromium", "Google Chrome", "Microsoft Edge"].map((name) => join(folder, `${name}.app/Contents/MacOS/${name}`)),
  ),
  win32: ["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"].flatMap((variable) =>
    ["Chromium/Application/chrome.exe", "Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe"]
      .filter(() => process.env[variable] !== undefined)
      .map((program) => join(process.env[variable] ?? "", program)),
  ),
};

export const INSTALL_CHROMIUM =
  process.platform === "win32"
    ? "winget install Google.Chrome"
    : process.platform === "darwin"
      ? "brew install --cask chromium"
      : "sudo apt-get install chromium (or set CHROMIUM_PATH)";

/** The path of a Chromium, Chrome or Edge: that in CHROMIUM_PATH, else the first in the usual places. */
export function findChromium(): string | undefined {
  const named = process.env["CHROMIUM_PATH"];
  if (named) return isExecutable(named) ? named : undefined;
  const onPath = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "" && process.platform !== "win32")
    .flatMap((folder) => PROGRAMS.map((program) => join(folder, program)));
  return [...onPath, ...(PLACES[process.platform] ?? [])].find(isExecutable);
}

/** For a `before` hook or a test: `chromium(this)` returns the path, or skips what the hook or test belongs to. */
export function chromium(context: Mocha.Context): string {
  const found = findChromium();
  if (found !== undefined) return found;
  if (process.env["CI"]) throw new Error(`no Chromium found: ${INSTALL_CHROMIUM}`);
  return context.skip();
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there, or not ours to run.
    return false;
  }
}
