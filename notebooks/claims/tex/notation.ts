// The functions whose names formulas may use, by what stands behind the backslash or in `\text{…}`, and how each reads its arguments. What
// they compute is another file's: here is only notation.

export interface Notation {
  /** Without arguments it is a name. */
  isName?: true;
  /** The name under which it is computed. */
  means: string;
}

const same = (...names: string[]): [string, Notation][] => names.map((name) => [name, { means: name }]);
const spelled = (means: string, ...names: string[]): [string, Notation][] => names.map((name) => [name, { means }]);

export const FUNCTIONS: ReadonlyMap<string, Notation> = new Map<string, Notation>([
  ["sigma", { means: "sigmoid", isName: true }],
  ...same("sigmoid", "tanh", "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "sqrt", "softplus", "softmax"),
  ...spelled("log", "ln"),
  ...spelled("relu", "ReLU", "relu", "RELU"),
  ...spelled("abs", "abs"),
  ...spelled("sign", "sign", "sgn"),
  ...spelled("mse", "MSE", "mse"),
  ...spelled("mean", "mean", "avg"),
  ...spelled("total", "sum"),
  ...spelled("trace", "tr", "Tr", "trace"),
  ...spelled("diag", "diag"),
  ...spelled("max", "max"),
  ...spelled("min", "min"),
  ...spelled("det", "det"),
]);

/** Letters that are commands. The σ is a function. */
export const GREEK =
  /^(?:var)?(?:alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|tau|upsilon|phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Phi|Psi|Omega|ell)$/;
