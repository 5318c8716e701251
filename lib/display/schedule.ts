// A schedule of the learning rate as a chart: the rates that have been and those to come, as far as the schedule does something new, and
// in its title where it is. What looks at the loss has no future to show: its state is a table.

import type { ReduceLROnPlateau } from "../optim/plateau.ts";
import type { Schedule } from "../optim/schedule.ts";
import { bundle, type Bundle, clip, counted, countOf, number } from "./bundle.ts";
import { chartBundle } from "./chart.ts";
import { Curves } from "./curves.ts";
import { tableHtml, tableText, type Table } from "./table.ts";

/** Rates that are asked for at most. */
const STEPS = 400;

const ratesText = (rates: readonly number[]): string =>
  `rate${rates.length === 1 ? "" : "s"} ${rates.map((rate) => number(rate)).join(", ")}`;

/** The rates of each group, to the step at which the schedule ends if it does. */
function curvesOf(schedule: Schedule): Curves {
  const { lastStep } = schedule;
  const title = `${clip(schedule.constructor.name)}: ${countOf(lastStep, "step")} made, ${ratesText(schedule.getLastLr())}`;
  const curves = new Curves("schedule", { title, x: "step", y: "learning rate" });
  const end = Math.max(1, schedule.span, 1.25 * lastStep);
  const every = Math.max(1, Math.ceil(end / STEPS));
  const groups = schedule.getLastLr().length;
  curves.expect(groups);
  for (let t = 0; t <= end; t += every) {
    let rates: number[];
    try {
      rates = schedule.ratesAt(t);
    } catch (error) {
      // Past its last step a schedule throws; at the first it is wrong, which is said in the place of the chart.
      if (t === 0) throw error;
      break;
    }
    rates.forEach((rate, k) => curves.add(null, groups === 1 ? "learning rate" : `group ${k}`, t, rate));
  }
  return curves;
}

/** How a notebook shows a schedule. */
export function scheduleBundle(schedule: Schedule): Bundle {
  let curves: Curves | undefined;
  const drawn = (): Curves => (curves ??= curvesOf(schedule));
  return chartBundle(
    () => drawn().text(),
    () => drawn().spec(),
  );
}

/** How a notebook shows the schedule that waits for progress. */
export function plateauBundle(plateau: ReduceLROnPlateau): Bundle {
  const { best, badSteps, patience } = plateau;
  const table: Table = {
    caption: `ReduceLROnPlateau: ${ratesText(plateau.getLastLr())}`,
    columns: [
      { title: "best so far", side: "right" },
      { title: "steps without progress", side: "right" },
      { title: "borne", side: "right" },
    ],
    rows: [[Number.isFinite(best) ? number(best) : "–", counted(badSteps), counted(patience)]],
  };
  return bundle(
    () => tableText(table),
    () => ({ "text/html": tableHtml(table) }),
  );
}
