// A loop at the top level of a cell runs on copies of the variables, and termination skips the `finally` that writes them back. So
// the interrupt thread first pauses the main thread as a debugger does, and evaluates what that `finally` would do in the
// frame of the cell, where the copies are as the loop has left them.

import type { Session } from "node:inspector";

const WRITE_BACK = "globalThis[Symbol.for('adjoint.copies')]";

/**
 * Calls back with the main thread paused and the copies written back; `resume` lets it go on. May never call back, and does not
 * once the inspector has been disconnected, which lets the main thread go on by itself: calls to it would throw.
 */
export function pauseAndWriteBack(
  inspector: Session,
  isConnected: () => boolean,
  then: (resume: () => void) => void,
): void {
  const cells = new Set<string>();
  inspector.on("Debugger.scriptParsed", ({ params: { scriptId, url } }) => {
    if (url.startsWith("adjoint-cell-")) cells.add(scriptId);
  });
  inspector.once("Debugger.paused", ({ params: { callFrames } }) => {
    const done = (): void => {
      if (isConnected()) then(() => inspector.post("Debugger.disable"));
    };
    // Only one cell is on the stack, below all that it has called.
    const cell = callFrames.findLast(({ location }) => cells.has(location.scriptId));
    if (cell === undefined) {
      done();
      return;
    }
    const evaluate = (expression: string, next: (value: unknown) => void): void => {
      inspector.post(
        "Debugger.evaluateOnCallFrame",
        { callFrameId: cell.callFrameId, expression, silent: true, returnByValue: true },
        (error, reply) => next(error === null ? reply.result.value : undefined),
      );
    };
    evaluate(WRITE_BACK, (code) => {
      if (typeof code === "string" && code !== "" && isConnected()) evaluate(code, done);
      else done();
    });
  });
  inspector.post("Debugger.enable");
  inspector.post("Debugger.pause");
}
