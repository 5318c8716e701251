// A curve of any length in few points: whole while it is short, then the lowest and the highest point of each stretch, whose length doubles
// whenever there are too many. So nothing that stands out is lost, a point costs the same however many there are, and no pass over
// the whole is needed while a curve grows.

/** A place on a curve; y is null where it has a gap. */
export type Point = readonly [x: number, y: number | null];

interface Stretch {
  low: Point;
  high: Point;
  /** Whether something in it is not a finite number. */
  gap: boolean;
}

export class Thinned {
  readonly #limit: number;
  #stretches: Stretch[] = [];
  /** Points in a stretch, and in the last one so far. */
  #width = 1;
  #filled = 0;
  #first: Point | null = null;
  #last: Point | null = null;
  #gapOpen = false;
  /** What `points` gave, until a point is added. */
  #points: Point[] | null = null;
  /** How many points were added. */
  count = 0;

  /** At most `limit` points, and those at gaps. */
  constructor(limit: number) {
    this.#limit = Math.max(4, limit);
  }

  /** Adds a point; with a y that is not finite, a gap. */
  add(x: number, y: number): void {
    this.count++;
    this.#points = null;
    if (!Number.isFinite(x)) return;
    if (!Number.isFinite(y)) {
      this.#gapOpen = true;
      if (this.#stretches.length > 0) (this.#stretches[this.#stretches.length - 1] as Stretch).gap = true;
      return;
    }
    this.#gapOpen = false;
    const point: Point = [x, y];
    this.#first ??= point;
    this.#last = point;
    const current = this.#stretches[this.#stretches.length - 1];
    if (current !== undefined && this.#filled < this.#width) {
      if (y < (current.low[1] as number)) current.low = point;
      if (y > (current.high[1] as number)) current.high = point;
      this.#filled++;
      return;
    }
    this.#stretches.push({ low: point, high: point, gap: false });
    this.#filled = 1;
    if (this.#stretches.length > (this.#width === 1 ? this.#limit : this.#limit / 2)) this.#merge();
  }

  #merge(): void {
    const merged: Stretch[] = [];
    for (let k = 0; k < this.#stretches.length; k += 2) {
      const a = this.#stretches[k] as Stretch;
      const b = this.#stretches[k + 1];
      if (b === undefined) merged.push(a);
      else {
        merged.push({
          low: (b.low[1] as number) < (a.low[1] as number) ? b.low : a.low,
          high: (b.high[1] as number) > (a.high[1] as number) ? b.high : a.high,
          gap: a.gap || b.gap,
        });
      }
    }
    const odd = this.#stretches.length % 2 === 1;
    this.#filled = odd ? this.#filled : this.#width + this.#filled;
    this.#stretches = merged;
    this.#width *= 2;
    if (this.#stretches.length > this.#limit / 2) this.#merge();
  }

  /** Whether every point is there. */
  get whole(): boolean {
    return this.#width === 1;
  }

  /** The points in their order, with a gap after stretches that have one. */
  points(): readonly Point[] {
    return (this.#points ??= this.#collect());
  }

  #collect(): Point[] {
    const points: Point[] = [];
    const add = (point: Point): void => {
      if (points[points.length - 1] !== point) points.push(point);
    };
    if (this.#first !== null) add(this.#first);
    for (const { low, high, gap } of this.#stretches) {
      const [first, second] = low[0] <= high[0] ? [low, high] : [high, low];
      add(first);
      add(second);
      if (gap) points.push([second[0], null]);
    }
    if (this.#last !== null && !this.#gapOpen) add(this.#last);
    return points;
  }
}
