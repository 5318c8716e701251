// The files of reference values: ours, and whatever files of the same format ADJOINT_VECTORS names.

import { readFileSync } from "node:fs";
import { basename, delimiter } from "node:path";
import { fileURLToPath } from "node:url";

/** What each file holds under `key`; a file may leave it out. */
export function vectors<T>(key: string): { file: string; entries: T[] }[] {
  const files = [
    ...["torch-op-vectors.json", "torch-more-vectors.json"].map((name) =>
      fileURLToPath(new URL(`../../../test/data/${name}`, import.meta.url)),
    ),
    ...(process.env["ADJOINT_VECTORS"] ?? "").split(delimiter).filter((path) => path !== ""),
  ];
  return files.map((file) => {
    const found = JSON.parse(readFileSync(file, "utf8")) as Record<string, T[] | undefined>;
    return { file: basename(file), entries: found[key] ?? [] };
  });
}
