// Files of the user's, compiled: as a module or as CommonJS, with every place leading back to what was written. In a process of its own,
// since V8 compiles modules for Node only with an option.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

describe("compileModule", () => {
  it("takes a file for what its name, package.json or syntax says, and keeps its places", async () => {
    const options = ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"];
    const script = fileURLToPath(new URL("./local-module.js", import.meta.url));
    await promisify(execFile)(process.execPath, [...options, script]);
  });
});
