// Node brings its own modules compiled, which V8 takes only while its flags are those that they were compiled with. A process that is
// started with a size of the heap therefore compiles whatever it loads of Node, which costs it a fifth of its start. V8 reads that
// flag when a heap is made: this one's is, so until the runtime has loaded what it needs, the flag is back at its default. (Those of
// workers come later.) Import it first.

import { setFlagsFromString } from "node:v8";

const FLAG = "--max-old-space-size";
const given = process.execArgv.find((arg) => arg.startsWith(`${FLAG}=`));
if (given !== undefined) setFlagsFromString(`${FLAG}=0`);

/** From now on heaps are made as the command line says. */
export function restoreFlags(): void {
  if (given !== undefined) setFlagsFromString(given);
}
