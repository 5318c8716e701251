// Whether a fence of Markdown's, as it is written, has an end.

export function isClosed(source: string, fence: string): boolean {
  const last = source.slice(source.lastIndexOf("\n") + 1);
  return source.includes("\n") && new RegExp(`^[ \\t>]*\\${fence[0]}{${fence.length},}[ \\t\\r]*$`).test(last);
}
