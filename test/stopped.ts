// A process that hangs: stopped, and seen to be, since on a busy machine its threads go on for a moment after the signal.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";

export async function stop(pid: number | undefined): Promise<void> {
  if (pid === undefined) throw new Error("there is no process to stop");
  process.kill(pid, "SIGSTOP");
  const tasks = `/proc/${pid}/task`;
  const isStopped = (task: string): boolean => /\) [TtZX] /.test(readFileSync(`${tasks}/${task}/stat`, "utf8"));
  // Elsewhere than on Linux nobody says.
  while (existsSync(tasks) && !readdirSync(tasks).every(isStopped)) await turn();
}
