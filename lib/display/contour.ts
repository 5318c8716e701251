// The lines between the classes of a plane, by marching squares (https://en.wikipedia.org/wiki/Marching_squares) for any number of classes: in
// each square of a grid the places on its sides where two classes are equally likely are joined, to each other or, where more than
// two lines meet, at their middle. What goes straight on is one piece.

/** A class at each point of a grid of `side` + 1 rows and columns, and how much more likely one class is than another there. */
export interface Classified {
  readonly side: number;
  classAt(point: number): number;
  /** Above zero where `a` is more likely than `b`, below where it is less. */
  difference(point: number, a: number, b: number): number;
}

/** In units of the grid: column, row. */
type Point = readonly [x: number, y: number];

/** How far, in squares, a point may lie beside the line of its neighbours and be left out. */
const STRAIGHT = 0.01;

/** The lines between classes, each from point to point. */
export function contours({ side, classAt, difference }: Classified): Point[][] {
  const width = side + 1;
  const points = new Map<string, Point>();
  const joined = new Map<string, string[]>();
  const join = (a: string, b: string): void => {
    for (const [from, to] of [[a, b], [b, a]] as const) joined.set(from, [...(joined.get(from) ?? []), to]); // prettier-ignore
  };
  /** Where a side of a square is crossed; a key that both squares at that side give it. */
  const crossing = (x: number, y: number, dx: number, dy: number): string | null => {
    const [from, to] = [y * width + x, (y + dy) * width + x + dx];
    const [a, b] = [classAt(from), classAt(to)];
    if (a === b) return null;
    const key = `${x} ${y} ${dx}`;
    if (!points.has(key)) {
      const [here, there] = [difference(from, a, b), difference(to, a, b)];
      // In the middle where the model does not say how likely.
      const share = here - there > 0 && here >= 0 && there <= 0 ? here / (here - there) : 0.5;
      points.set(key, [x + share * dx, y + share * dy]);
    }
    return key;
  };
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const sides = [crossing(x, y, 1, 0), crossing(x + 1, y, 0, 1), crossing(x, y + 1, 1, 0), crossing(x, y, 0, 1)];
      const crossed = sides.filter((key) => key !== null);
      const [first, second] = crossed;
      if (first === undefined || second === undefined) continue;
      if (crossed.length === 2) {
        join(first, second);
        continue;
      }
      const middle = `${x} ${y}`;
      const at = crossed.map((key) => points.get(key) as Point);
      const mean = (axis: 0 | 1): number => at.reduce((sum, point) => sum + point[axis], 0) / at.length;
      points.set(middle, [mean(0), mean(1)]);
      for (const key of crossed) join(middle, key);
    }
  }
  return chains(joined).map((chain) => straightened(chain.map((key) => points.get(key) as Point)));
}

/** The edges of a graph as paths, from end to end and from fork to fork, then those that close. */
function chains(joined: Map<string, string[]>): string[][] {
  const left = new Map([...joined].map(([key, others]) => [key, new Set(others)]));
  const walk = (start: string): string[] => {
    const path = [start];
    for (let here = start; ;) {
      const [next] = left.get(here) as Set<string>;
      if (next === undefined) return path;
      left.get(here)?.delete(next);
      left.get(next)?.delete(here);
      path.push(next);
      here = next;
      if (joined.get(here)?.length !== 2) return path;
    }
  };
  const ends = [...joined.keys()].filter((key) => joined.get(key)?.length !== 2);
  return [...ends, ...joined.keys()].flatMap((key) => {
    const paths: string[][] = [];
    while ((left.get(key) as Set<string>).size > 0) paths.push(walk(key));
    return paths;
  });
}

/** Without the points that lie on the line between those that are kept. */
function straightened(points: readonly Point[]): Point[] {
  const isStraight = (from: number, to: number): boolean => {
    const [a, b] = [points[from] as Point, points[to] as Point];
    const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
    const length = Math.hypot(dx, dy);
    const between = points.slice(from + 1, to);
    return length > 0 && between.every(([x, y]) => Math.abs((x - a[0]) * dy - (y - a[1]) * dx) <= STRAIGHT * length);
  };
  const kept: Point[] = [];
  let from = 0;
  while (from < points.length) {
    kept.push(points[from] as Point);
    let to = from + 1;
    while (to + 1 < points.length && isStraight(from, to + 1)) to++;
    from = to;
  }
  return kept;
}
