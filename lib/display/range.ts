// Whole numbers to loop over.

/** Numbers from a start to before an end. */
export class NumberRange implements Iterable<number> {
  readonly start: number;
  readonly stop: number;
  readonly step: number;

  /** @internal */
  constructor(start: number, stop: number, step: number) {
    for (const [name, x] of Object.entries({ start, stop, step })) {
      if (typeof x !== "number" || !Number.isFinite(x))
        throw new TypeError(`range: ${name} must be a finite number, not ${String(x)}`);
    }
    if (step === 0) throw new RangeError("range: a step of 0 never ends");
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  /** How many numbers there are. */
  get length(): number {
    return Math.max(0, Math.ceil((this.stop - this.start) / this.step));
  }

  *[Symbol.iterator](): Generator<number> {
    const { length, start, step } = this;
    for (let k = 0; k < length; k++) yield start + k * step;
  }
}

/**
 * The numbers from 0, or from `start`, to before `stop`, in steps of 1 or of `step`, as Python's `range`.
 *
 * @throws RangeError for a step of 0, TypeError for what is no finite number.
 * @example
 * for (const step of range(1000)) train(step);
 * [...range(2, 10, 3)] // 2,5,8
 */
export function range(stop: number): NumberRange;
export function range(start: number, stop: number, step?: number): NumberRange;
export function range(first: number, stop?: number, step = 1): NumberRange {
  return stop === undefined ? new NumberRange(0, first, step) : new NumberRange(first, stop, step);
}
