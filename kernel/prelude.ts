// The prelude: a module whose exports every cell sees, below its own names. All that the kernel knows of the library is this name, which
// always means the copy in the kernel's own package.

export const DEFAULT_PRELUDE = "adjoint";

/** What `--prelude` says: a module, `none`, or nothing, which is the library. */
export function preludeOf(option: string | undefined): string | null {
  return option === "none" ? null : (option ?? DEFAULT_PRELUDE);
}
