// The exit codes of the command `adjoint`, after BSD's sysexits.

export const OK = 0;
/** The command could not do what it was asked to. */
export const FAILED = 1;
/** The command was called in a way it does not understand (EX_USAGE). */
export const WRONG_USAGE = 64;
