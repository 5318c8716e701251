// A session for tests of modules: writes files beside the notebook, and runs cells that must succeed.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Cell, TestSession } from "../session-harness.ts";

export class ModuleSession extends TestSession {
  /** Writes files, named from the session's folder. */
  write(files: Record<string, string>): void {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }

  async succeed(code: string): Promise<Cell> {
    const cell = await this.run(code);
    assert.equal(cell.traceback, "");
    return cell;
  }

  async result(code: string): Promise<unknown> {
    return (await this.succeed(code)).result;
  }
}
