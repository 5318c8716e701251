// Mocha's reporter `spec`, which also leaves the numbers for scripts/test.mjs, and which ends a run that finished but does
// not exit: an open socket or a live child is a failure, and one that would otherwise look like a hanging machine.

import Mocha from "mocha";
import { writeFileSync } from "node:fs";

const PATIENCE = 10_000;

export default class Reporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const { output } = options.reporterOptions ?? options.reporterOption ?? {};
    const write = (failures) => {
      const { passes, pending } = this.stats;
      if (output) writeFileSync(output, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
    };
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      write(this.stats.failures);
      const timer = setTimeout(() => {
        console.error(`the tests have ended, but not their process: ${process.getActiveResourcesInfo().join(", ")}`);
        write(this.stats.failures + 1);
        process.exit(1);
      }, PATIENCE);
      timer.unref();
    });
  }
}
