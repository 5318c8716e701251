// What a cell imports, as its text and TypeScript's messages tell: which modules, which of them are not there, and what would help.

import { MISSING_MODULE } from "./policy.ts";
import type { Problem } from "./report.ts";

type Told = Pick<Problem, "code" | "message">;

export function importsOf(source: string): string[] {
  return Array.from(
    source.matchAll(/(?:\bfrom|\bimport|\brequire)\s*\(?\s*["']([^"'\n]+)["']/g),
    ([, specifier = ""]) => specifier,
  );
}

const INSTALL = /^[ \t]*[!%](?:npm|pnpm|yarn|bun)\s+(?:.*\s)?(?:install|i|add|ci)(?=\s|$)/m;

/** A cell may import what its own first lines install, which is not there when it is checked. */
export function installsPackages(source: string): boolean {
  return INSTALL.test(source);
}

/** What is between the first quotes of a message. */
export function quoted(message: string): string | undefined {
  return /'([^']+)'/.exec(message)?.[1];
}

/** The specifier that leads nowhere, if that is the problem. */
export function missingModule({ code, message }: Told): string | undefined {
  return MISSING_MODULE.has(code) ? quoted(message) : undefined;
}

export function missingPackage(problem: Told): string | undefined {
  const specifier = missingModule(problem);
  return specifier === undefined || /^[./]/.test(specifier) ? undefined : specifier;
}

export function installHint(problem: Told, folder: string): string | undefined {
  const specifier = missingModule(problem);
  if (specifier === undefined) return undefined;
  if (/^[./]/.test(specifier)) return `there is no such file, seen from ${folder}`;
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  return `%npm install ${name} installs it in ${folder}`;
}
