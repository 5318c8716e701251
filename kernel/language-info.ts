// What `kernel_info_reply` and every notebook we write say of the language. One constant, so that JupyterLab, nbconvert and
// `adjoint run` leave the same metadata in the same notebook. JupyterLab finds its highlighter by `codemirror_mode`, a name or
// MIME type of its list ("TypeScript", "application/typescript"); nbconvert's HTML by `pygments_lexer`.

export const languageInfo = {
  name: "typescript",
  /** The TypeScript that this package is built and checked with; a test compares it with package.json. */
  version: "7.0.2",
  mimetype: "application/typescript",
  file_extension: ".ts",
  pygments_lexer: "typescript",
  codemirror_mode: "typescript",
  nbconvert_exporter: "script",
} as const;

/** `metadata.kernelspec` of a notebook, as JupyterLab writes it for the kernelspec that `adjoint install` makes. */
export const notebookKernelspec = {
  name: "adjoint",
  display_name: "TypeScript (Adjoint)",
  language: "typescript",
} as const;
