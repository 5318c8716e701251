// Modules that are no files: those that cells define, and those that the kernel provides by name.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

describe("Modules that are no files", () => {
  it("are imported and required like files, count as changed when defined anew, and shadow no file", async () => {
    const options = [
      "--experimental-vm-modules",
      "--experimental-import-meta-resolve",
      "--disable-warning=ExperimentalWarning",
    ];
    const script = fileURLToPath(new URL("./provided-modules.js", import.meta.url));
    await promisify(execFile)(process.execPath, [...options, "--expose-internals", script]);
  });
});
