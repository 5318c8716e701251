// Where Jupyter looks for kernels, and writing ours there: a folder NAME with kernel.json and logos. No Python is
// involved, so the folders are computed as jupyter_core computes them
// (https://docs.jupyter.org/en/stable/use/jupyter-directories.html); a test compares the two.
// Paths in kernel.json are absolute: VS Code starts kernels without the user's PATH.

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, posix, resolve, win32 } from "node:path";
import { fileURLToPath } from "node:url";
import type { TypecheckPolicy } from "./typecheck.ts";

/** Whose kernel it is: the user's, the active virtual or conda environment's, or that of an environment given by its folder. */
export type Location = { of: "user" } | { of: "environment" } | { of: "prefix"; folder: string };

export type Environment = Record<string, string | undefined>;

export interface KernelSettings {
  name: string;
  displayName: string;
  /** A module whose exports are in scope of every cell; `null`: none; absent: the kernel's default. */
  prelude?: string | null;
  /** Largest JavaScript heap of the runtime in MiB; absent: the kernel's default. */
  heapMegabytes?: number;
  /** What errors of types do; absent: the kernel's default. */
  typecheck?: TypecheckPolicy;
}

/** What the user can put right: shown as one sentence, without a stack trace. */
export class KernelspecError extends Error {}

export const DEFAULT_NAME = "adjoint";
export const DEFAULT_DISPLAY_NAME = "TypeScript (Adjoint)";

const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));
const LOGOS = join(PACKAGE, "kernel", "logos");
const SPEC = "kernel.json";

/** The folder `kernels` that Jupyter searches for this location. */
export function kernelsFolder(
  location: Location,
  environment: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const { join } = platform === "win32" ? win32 : posix;
  switch (location.of) {
    case "user":
      return join(userDataFolder(environment, platform), "kernels");
    case "environment": {
      const prefix = environment["VIRTUAL_ENV"] || environment["CONDA_PREFIX"];
      if (!prefix) {
        throw new KernelspecError(
          "no Python environment is active (neither VIRTUAL_ENV nor CONDA_PREFIX is set): activate one, or use --prefix DIR or --user",
        );
      }
      return join(prefix, "share", "jupyter", "kernels");
    }
    case "prefix":
      return join(resolve(location.folder), "share", "jupyter", "kernels");
  }
}

/** `jupyter_core.paths.jupyter_data_dir`, with `platformdirs.user_data_dir` where JUPYTER_PLATFORM_DIRS asks for it. */
function userDataFolder(environment: Environment, platform: NodeJS.Platform): string {
  const { join, isAbsolute } = platform === "win32" ? win32 : posix;
  const { JUPYTER_DATA_DIR, JUPYTER_CONFIG_DIR, APPDATA, LOCALAPPDATA, XDG_DATA_HOME = "" } = environment;
  const platformDirs = isOn(environment["JUPYTER_PLATFORM_DIRS"]);
  if (JUPYTER_DATA_DIR) return resolve(JUPYTER_DATA_DIR);
  const home = homeFolder(environment, platform);
  const realHome = realFolder(home);
  switch (platform) {
    case "darwin":
      if (!platformDirs) return join(realHome, "Library", "Jupyter");
      return join(isAbsolute(XDG_DATA_HOME) ? XDG_DATA_HOME : join(home, "Library", "Application Support"), "Jupyter");
    case "win32":
      if (platformDirs) return join(LOCALAPPDATA || join(home, "AppData", "Local"), "Jupyter");
      if (APPDATA) return join(APPDATA, "jupyter");
      return join(JUPYTER_CONFIG_DIR || join(realHome, ".jupyter"), "data");
    default:
      if (platformDirs && !isAbsolute(XDG_DATA_HOME)) return join(home, ".local", "share", "jupyter");
      return resolve(XDG_DATA_HOME || join(realHome, ".local", "share"), "jupyter");
  }
}

function homeFolder(environment: Environment, platform: NodeJS.Platform): string {
  return (platform === "win32" ? environment["USERPROFILE"] : environment["HOME"]) || homedir();
}

/** Resolves links where the folder exists, as Python's `Path.resolve` does. */
function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    // It does not exist (yet): then its name is all there is.
    return folder;
  }
}

/** `jupyter_core.paths.envset`: set to anything that is not a way to say no. */
function isOn(value: string | undefined): boolean {
  return value !== undefined && !["no", "n", "false", "off", "0", "0.0"].includes(value.toLowerCase());
}

/** The contents of kernel.json. */
export function kernelspec(settings: KernelSettings): Record<string, unknown> {
  const argv = [process.execPath, join(PACKAGE, "bin", "adjoint.js"), "kernel", "{connection_file}"];
  if (settings.prelude !== undefined) argv.push("--prelude", settings.prelude ?? "none");
  if (settings.heapMegabytes !== undefined) argv.push("--heap", String(settings.heapMegabytes));
  if (settings.typecheck !== undefined) argv.push("--typecheck", settings.typecheck);
  return {
    argv,
    display_name: settings.displayName,
    language: "typescript",
    interrupt_mode: "message",
    kernel_protocol_version: "5.5",
    metadata: { supported_encryption: ["curve"], debugger: false, adjoint: packageVersion() },
  };
}

/** Writes the kernel and returns the files written. An Adjoint kernel of that name is replaced, another one never. */
export function installKernelspec(location: Location, settings: KernelSettings): string[] {
  const folder = kernelFolder(location, settings.name);
  const owner = ownerOf(folder);
  if (owner === "other") {
    throw new KernelspecError(`${folder} holds another program's kernel: choose another name with --name`);
  }
  return explained(folder, () => {
    makeFolder(folder);
    const written = readdirSync(LOGOS)
      .filter((logo) => logo.startsWith("logo-"))
      .sort()
      .map((logo) => replaceFile(join(folder, logo), (temporary) => copyFileSync(join(LOGOS, logo), temporary)));
    const json = JSON.stringify(kernelspec(settings), null, 2) + "\n";
    // Last, because a folder is a kernel once it has a kernel.json.
    written.push(replaceFile(join(folder, SPEC), (temporary) => writeFileSync(temporary, json)));
    return written;
  });
}

/** Removes what `installKernelspec` wrote and returns it. Files of others in the folder stay. */
export function uninstallKernelspec(location: Location, name: string): string[] {
  const folder = kernelFolder(location, name);
  const owner = ownerOf(folder);
  if (owner === "nobody") throw new KernelspecError(`no kernel is installed in ${folder}`);
  if (owner === "other") throw new KernelspecError(`${folder} holds another program's kernel: not removed`);
  return explained(folder, () => {
    const ours = readdirSync(folder).filter((file) => file === SPEC || file.startsWith("logo-"));
    const removed = ours.map((file) => join(folder, file));
    for (const file of removed) rmSync(file);
    if (readdirSync(folder).length === 0) {
      rmdirSync(folder);
      removed.push(folder);
    }
    return removed;
  });
}

/** Jupyter's rule; names of dots alone would be folders above. */
export function isKernelName(name: string): boolean {
  return /^[a-z0-9._-]+$/i.test(name) && !/^\.+$/.test(name);
}

function kernelFolder(location: Location, name: string): string {
  if (!isKernelName(name)) throw new KernelspecError(`not a kernel name: ${JSON.stringify(name)}`);
  // Jupyter looks kernels up in lower case.
  return join(kernelsFolder(location), name.toLowerCase());
}

function ownerOf(folder: string): "us" | "other" | "nobody" {
  let text;
  try {
    text = readFileSync(join(folder, SPEC), "utf8");
  } catch {
    // Nothing there, or nothing that Jupyter could read either.
    return "nobody";
  }
  try {
    const { metadata } = JSON.parse(text) as { metadata?: Record<string, unknown> };
    return metadata?.["adjoint"] === undefined ? "other" : "us";
  } catch {
    // Not JSON: no file of ours looks like that, since they are renamed into place when complete.
    return "other";
  }
}

/** Makes a folder and those above it, one by one: Node's own `recursive` does not return where none can be made, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

function replaceFile(file: string, write: (temporary: string) => void): string {
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  try {
    write(temporary);
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
  return file;
}

function explained<Result>(folder: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
      throw new KernelspecError(
        `no permission to write to ${folder}: use --user, or --prefix DIR with a folder of yours`,
        { cause: error },
      );
    }
    if (code === "ENOENT")
      throw new KernelspecError(`${folder} cannot be made: choose another --prefix`, { cause: error });
    if (code === "ENOTDIR" || code === "EEXIST") {
      throw new KernelspecError(`a file is in the way of the folder ${folder}: choose another --prefix`, {
        cause: error,
      });
    }
    throw error;
  }
}

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8")) as { version: string };
  return version;
}
