// Writes a file at once: a reader, or a crash, finds the old text or the new one, never a part. It is written under another name,
// which then takes the place of the old. A link stays one; a device or a pipe is written to, for root could replace even /dev/null.

import { chown, open, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Replaces the content of the file, whose permissions stay. Rejects with Node's error where that cannot be done. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  // A new file has neither a real path yet nor permissions.
  const target = await realpath(path).catch(() => path);
  const former = await stat(target).catch(() => undefined);
  if (former !== undefined && !former.isFile()) {
    await writeFile(target, content);
    return;
  }
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  try {
    const file = await open(temporary, "w", 0o666);
    try {
      await file.writeFile(content);
      if (former !== undefined) {
        // Only root can give a file away; the others keep their own.
        await chown(temporary, former.uid, former.gid).catch(() => undefined);
        await file.chmod(former.mode & 0o7777);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
