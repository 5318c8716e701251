// Arithmetic on shapes: sizes, strides, axes, broadcasting. The same rules at type level are in shape-types.ts, and both say the
// same words when shapes do not fit. Broadcasting is NumPy's (https://numpy.org/doc/stable/user/basics.broadcasting.html).

/** The sizes of a tensor's dimensions; `[]` for a single number. */
export type Shape = readonly number[];

/** What has a shape. */
export interface Shaped {
  readonly shape: Shape;
}

/** A shape as it stands in messages: `[2, 3]`. */
export function show(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** The number of elements. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let k = 0; k < shape.length; k++) size *= shape[k] as number;
  return size;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}

/** A list of `n` equal numbers. */
export function repeated(n: number, value: number): number[] {
  const list: number[] = [];
  for (let k = 0; k < n; k++) list.push(value);
  return list;
}

/** Throws unless every size is a whole number that is not negative. */
export function checkShape(call: string, shape: Shape): void {
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0) {
      throw new RangeError(`${call}: a shape holds whole numbers that are not negative, not ${show(shape)}`);
    }
  }
}

/** The strides of a dense row-major layout. */
export function denseStrides(shape: Shape): number[] {
  const strides = [...shape];
  let step = 1;
  for (let k = shape.length - 1; k >= 0; k--) {
    strides[k] = step;
    step *= shape[k] as number;
  }
  return strides;
}

/** The dimension that `dim` names, which may count from the end. */
export function axisOf(call: string, dim: number, shape: Shape): number {
  const rank = shape.length;
  const axis = dim < 0 ? dim + rank : dim;
  // A single number has a dimension 0 and -1 by courtesy, as in PyTorch.
  if (rank === 0 && (dim === 0 || dim === -1)) return 0;
  if (!Number.isInteger(dim) || axis < 0 || axis >= rank) {
    throw new RangeError(`${call}: dim ${dim} is out of range for ${show(shape)}`);
  }
  return axis;
}

/** The dimensions that `dim` names, in ascending order; all of them when it is undefined. */
export function axesOf(call: string, dim: number | readonly number[] | undefined, shape: Shape): number[] {
  if (dim === undefined) return shape.map((_, axis) => axis);
  if (typeof dim === "number") return shape.length === 0 ? (axisOf(call, dim, shape), []) : [axisOf(call, dim, shape)];
  if (!Array.isArray(dim)) {
    const got = dim === null ? "null" : typeof dim;
    throw new TypeError(`${call}: dim must be a whole number or a list of them, not ${got}; write x.${call}(0)`);
  }
  const axes = (dim as readonly number[]).map((d) => axisOf(call, d, shape)).sort((a, b) => a - b);
  for (let k = 1; k < axes.length; k++) {
    if (axes[k] === axes[k - 1]) throw new RangeError(`${call}: dim ${axes[k]} is named twice in ${show(dim)}`);
  }
  return axes;
}

/** `shape` without `axes`, or with size 1 there. */
export function reduceShape(shape: Shape, axes: readonly number[], keepdim: boolean): number[] {
  const out: number[] = [];
  for (let k = 0; k < shape.length; k++) {
    if (!axes.includes(k)) out.push(shape[k] as number);
    else if (keepdim) out.push(1);
  }
  return out;
}

/** The shape to which `a` and `b` broadcast; undefined if they do not. */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  if (sameShape(a, b)) return a;
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const rank = Math.max(a.length, b.length);
  const out = repeated(rank, 1);
  for (let k = 1; k <= rank; k++) {
    const m = k > a.length ? 1 : (a[a.length - k] as number);
    const n = k > b.length ? 1 : (b[b.length - k] as number);
    if (m !== n && m !== 1 && n !== 1) return undefined;
    out[rank - k] = m === 1 ? n : m;
  }
  return out;
}

/** {@link broadcast}, or the error that names the call and both shapes. */
export function broadcastOrThrow(call: string, a: Shape, b: Shape): Shape {
  const shape = broadcast(a, b);
  if (shape === undefined) throw new RangeError(`${call}: shapes do not broadcast: ${show(a)} and ${show(b)}`);
  return shape;
}

/** The axes along which a tensor of shape `from` was repeated to get shape `to`, as axes of `to`. */
export function repeatedAxes(from: Shape, to: Shape): number[] {
  const axes: number[] = [];
  const lead = to.length - from.length;
  for (let k = 0; k < to.length; k++) if (k < lead || (from[k - lead] === 1 && to[k] !== 1)) axes.push(k);
  return axes;
}

/** The shape that `shape` asks for, with its -1 worked out from the number of elements of `from`. */
export function reshapeTo(call: string, from: Shape, shape: Shape): number[] {
  const size = sizeOf(from);
  const out = [...shape];
  const open = out.indexOf(-1);
  if (open >= 0) {
    const known = out.reduce((product, n, k) => (k === open ? product : product * n), 1);
    out[open] = known === 0 ? 0 : size / known;
  }
  checkReshape(call, from, shape, out);
  return out;
}

function checkReshape(call: string, from: Shape, asked: Shape, out: Shape): void {
  const size = sizeOf(from);
  if (out.every((n) => Number.isInteger(n) && n >= 0) && sizeOf(out) === size) return;
  const count = asked.some((n) => n < 0) ? "does not fit" : `has ${sizeOf(asked)}`;
  throw new RangeError(`${call}: ${show(from)} has ${size} elements, ${show(asked)} ${count}`);
}
