// The rules of shape.ts at type level: a shape is a tuple of literal sizes, a size that is not known is `number`, and a rank that is
// not known makes the shape plain `Shape`. A check is `unknown` when shapes fit, else a ShapeError whose text the compiler prints;
// parameters are intersected with it. What is not known is taken to fit: types must not stand in the way of what runs.

import type { Shape } from "./shape.ts";

declare const reason: unique symbol;

/** What the type of an argument becomes when shapes do not fit; its text is the error that would be thrown at run time. */
export interface ShapeError<Message extends string> {
  readonly [reason]: Message;
}

/** A shape as it stands in messages: `[2, 3]`. */
export type Show<S extends Shape> = `[${Joined<S>}]`;
type Joined<S extends Shape> = S extends readonly []
  ? ""
  : S extends readonly [infer N extends number]
    ? `${N}`
    : S extends readonly [infer N extends number, ...infer R extends Shape]
      ? `${N}, ${Joined<R>}`
      : `...${number}[]`;

/** Whether the rank is not known. */
type Unranked<S extends Shape> = number extends S["length"] ? true : false;

/** Whether two sizes are known to differ. */
type Differ<M extends number, N extends number> = number extends M
  ? false
  : number extends N
    ? false
    : M extends N
      ? false
      : true;

// A union of shapes is what a conditional expression gives: nothing is known of it.
type IsUnion<T, U = T> = [T] extends [never] ? false : T extends unknown ? ([U] extends [T] ? false : true) : never;
type Known<S extends Shape> = true extends IsUnion<S> ? Shape : S;

/** The size that two sizes broadcast to; never if they do not. */
type BroadcastSize<M extends number, N extends number> = number extends M
  ? N extends 1
    ? number
    : N
  : number extends N
    ? M extends 1
      ? number
      : M
    : M extends N
      ? M
      : M extends 1
        ? N
        : N extends 1
          ? M
          : never;

type BroadcastTail<A extends Shape, B extends Shape, Out extends Shape> = A extends readonly [
  ...infer AR extends Shape,
  infer M extends number,
]
  ? B extends readonly [...infer BR extends Shape, infer N extends number]
    ? [BroadcastSize<M, N>] extends [never]
      ? never
      : BroadcastTail<AR, BR, [BroadcastSize<M, N>, ...Out]>
    : [...A, ...Out]
  : [...B, ...Out];

type BroadcastKnown<A extends Shape, B extends Shape> =
  Unranked<A> extends true ? Shape : Unranked<B> extends true ? Shape : BroadcastTail<A, B, []>;

/** The shape that `A` and `B` broadcast to; plain Shape if they do not, for the check has said so. */
export type Broadcast<A extends Shape, B extends Shape> = A extends B
  ? B extends A
    ? A
    : OrShape<BroadcastKnown<Known<A>, Known<B>>>
  : OrShape<BroadcastKnown<Known<A>, Known<B>>>;
type OrShape<S> = [S] extends [never] ? Shape : S extends Shape ? S : Shape;

export type CheckBroadcast<Call extends string, A extends Shape, B extends Shape> = [
  BroadcastKnown<Known<A>, Known<B>>,
] extends [never]
  ? ShapeError<`${Call}: shapes do not broadcast: ${Show<A>} and ${Show<B>}`>
  : unknown;

// ---- matmul

type Front<S extends Shape> = S extends readonly [...infer R extends Shape, number, number] ? R : [];
type Last<S extends Shape> = S extends readonly [...Shape, infer N extends number] ? N : number;
type BeforeLast<S extends Shape> = S extends readonly [...Shape, infer N extends number, number] ? N : number;
/** The size of `B` that is summed over. */
type Inner<B extends Shape> = B extends readonly [infer N extends number] ? N : BeforeLast<B>;

type MatmulKnown<A extends Shape, B extends Shape> =
  Unranked<A> extends true
    ? Shape
    : Unranked<B> extends true
      ? Shape
      : A extends readonly [number]
        ? B extends readonly [number]
          ? []
          : [...Front<B>, Last<B>]
        : B extends readonly [number]
          ? A extends readonly [...infer R extends Shape, number]
            ? [...R]
            : Shape
          : OrShape<BroadcastKnown<Front<A>, Front<B>>> extends infer F extends Shape
            ? Unranked<F> extends true
              ? Shape
              : [...F, BeforeLast<A>, Last<B>]
            : Shape;

/** The shape of `a.matmul(b)`. */
export type Matmul<A extends Shape, B extends Shape> = MatmulKnown<Known<A>, Known<B>>;

type CheckMatmulKnown<A extends Shape, B extends Shape, ShownA extends Shape, ShownB extends Shape> =
  Unranked<A> extends true
    ? unknown
    : Unranked<B> extends true
      ? unknown
      : A extends readonly []
        ? ShapeError<`matmul: needs at least one dimension: ${Show<ShownA>} and ${Show<ShownB>}`>
        : B extends readonly []
          ? ShapeError<`matmul: needs at least one dimension: ${Show<ShownA>} and ${Show<ShownB>}`>
          : Differ<Last<A>, Inner<B>> extends true
            ? ShapeError<`matmul: inner dimensions differ: ${Show<ShownA>} and ${Show<ShownB>}`>
            : CheckBroadcast<"matmul", Front<A>, Front<B>>;
export type CheckMatmul<A extends Shape, B extends Shape> = CheckMatmulKnown<Known<A>, Known<B>, A, B>;

/** The shape of `linear(x)` with `Out` features. */
export type Linearly<S extends Shape, Out extends number> =
  Unranked<Known<S>> extends true ? Shape : S extends readonly [...infer R extends Shape, number] ? [...R, Out] : Shape;

export type CheckLinear<S extends Shape, In extends number, Out extends number> =
  Unranked<Known<S>> extends true
    ? unknown
    : Differ<Last<S>, In> extends true
      ? ShapeError<`linear: input ${Show<S>} does not fit weight ${Show<[Out, In]>} ([out, in])`>
      : unknown;

// ---- axes

/** How `dim` is given: a number, several, or nothing for all. */
export type Dims = number | readonly number[] | undefined;

/** The places of a tuple of this length that `D` names, as strings; never if `D` is out of range. */
type Place<S extends Shape, D extends number> = `${D}` extends `-${infer N extends number}`
  ? FromEnd<S, N>
  : `${D}` extends keyof S
    ? `${D}`
    : never;
type FromEnd<S extends Shape, N extends number, Tail extends Shape = []> = S extends readonly [
  ...infer R extends Shape,
  infer L extends number,
]
  ? [L, ...Tail]["length"] extends N
    ? `${R["length"]}`
    : FromEnd<R, N, [L, ...Tail]>
  : never;
type Places<S extends Shape, D extends readonly number[]> = D extends readonly [
  infer N extends number,
  ...infer R extends readonly number[],
]
  ? Place<S, N> | Places<S, R>
  : never;

type Without<S extends Shape, P extends string, Keep, Seen extends unknown[] = []> = S extends readonly [
  infer N extends number,
  ...infer R extends Shape,
]
  ? `${Seen["length"]}` extends P
    ? Keep extends true
      ? [1, ...Without<R, P, Keep, [...Seen, 0]>]
      : Without<R, P, Keep, [...Seen, 0]>
    : [N, ...Without<R, P, Keep, [...Seen, 0]>]
  : [];
type Ones<S extends Shape> = { -readonly [K in keyof S]: 1 };

/** The shape after a reduction over `D`. */
export type Reduced<S extends Shape, D extends Dims, Keep> = [D] extends [undefined]
  ? Keep extends true
    ? Unranked<S> extends true
      ? Shape
      : Ones<S>
    : boolean extends Keep
      ? Shape
      : []
  : boolean extends Keep
    ? Shape
    : Unranked<Known<S>> extends true
      ? Shape
      : S extends readonly []
        ? []
        : D extends number
          ? number extends D
            ? Keep extends true ? { -readonly [K in keyof S]: number } : Unknown<Without<S, "0", false>>
            : Without<S, Place<S, D>, Keep>
          : D extends readonly number[]
            ? number extends D["length"]
              ? Shape
              : Without<S, Places<S, D>, Keep>
            : Shape; // prettier-ignore
/** A shape of the same rank with no size known. */
type Unknown<S extends Shape> = { -readonly [K in keyof S]: number };

/** `S` with its axes `A` and `B` exchanged. */
export type Swapped<S extends Shape, A extends number, B extends number> =
  Unranked<Known<S>> extends true ? Shape : number extends A | B ? Unknown<S> : SwappedAt<S, Place<S, A>, Place<S, B>>;
type SwappedAt<S extends Shape, P extends string, Q extends string> = [P] extends [never]
  ? Shape
  : [Q] extends [never]
    ? Shape
    : { -readonly [K in keyof S]: K extends P ? At<S, Q> : K extends Q ? At<S, P> : S[K] };
type At<S extends Shape, P extends string> = P extends keyof S ? (S[P] extends number ? S[P] : number) : number;

/** `S` in the order of `D`. */
export type Permuted<S extends Shape, D extends readonly number[]> =
  Unranked<Known<S>> extends true
    ? number extends D["length"]
      ? Shape
      : { -readonly [K in keyof D]: number }
    : number extends D["length"]
      ? Unknown<S>
      : { -readonly [K in keyof D]: At<S, Place<S, D[K]>> };

/** What `.t()` makes of a matrix. */
export type Transposed<S extends Shape> = S extends readonly [infer M extends number, infer N extends number]
  ? [N, M]
  : S;

export type CheckDim<Call extends string, S extends Shape, D extends Dims> = [D] extends [number]
  ? number extends D
    ? unknown
    : Unranked<Known<S>> extends true
      ? unknown
      : S extends readonly []
        ? unknown
        : [Place<S, D>] extends [never]
          ? ShapeError<`${Call}: dim ${D} is out of range for ${Show<S>}`>
          : unknown
  : unknown;

/** The shape after an index along the first axis. */
export type Rest<S extends Shape> =
  Unranked<Known<S>> extends true ? Shape : S extends readonly [number, ...infer R extends Shape] ? [...R] : Shape;

// ---- literals and reshape

/** Numbers nested as deep as you like, all rows of one length. */
export type Nested = number | boolean | readonly Nested[];

/** The shape of nested arrays: literal where it was written down. */
export type ShapeOf<V, Depth extends unknown[] = []> = Depth["length"] extends 8
  ? Shape
  : Nested extends V
    ? Shape
    : V extends readonly unknown[]
      ? number extends V["length"]
        ? OpenShape<V[number], Depth>
        : V extends readonly [infer First, ...unknown[]]
          ? Prepend<V["length"], ShapeOf<First, [...Depth, 0]>>
          : [0]
      : V extends number | boolean
        ? []
        : V extends ArrayLike<number>
          ? [number]
          : Shape;
type OpenShape<E, Depth extends unknown[]> = Prepend<number, ShapeOf<E, [...Depth, 0]>>;
type Prepend<N extends number, S extends Shape> = Unranked<S> extends true ? Shape : [N, ...S];

/** A shape without `readonly`, and with `number` where it asks for -1. */
export type Asked<S extends Shape> = { -readonly [K in keyof S]: S[K] extends -1 ? number : S[K] };

// Products by counting: tuples of at most a few hundred places, so larger shapes are left to the run time.
type Tuple<N extends number, T extends unknown[] = []> = T["length"] extends N
  ? T
  : T["length"] extends 256
    ? never
    : Tuple<N, [...T, 0]>;
type Times<A extends unknown[], N extends unknown[], Out extends unknown[] = []> = N extends [unknown, ...infer R]
  ? Out["length"] extends Big
    ? never
    : Times<A, R, [...Out, ...A]>
  : Out;
type Big = 1024;
type Count<S extends Shape, Out extends unknown[] = [0]> = S extends readonly [
  infer N extends number,
  ...infer R extends Shape,
]
  ? number extends N
    ? never
    : [Tuple<N>] extends [never]
      ? never
      : [Times<Out, Tuple<N>>] extends [never]
        ? never
        : Count<R, Times<Out, Tuple<N>>>
  : Out["length"];

/** A shape too large to count, or not known, fits. */
export type CheckReshape<S extends Shape, T extends Shape> =
  Unranked<Known<S>> extends true
    ? unknown
    : Unranked<Known<T>> extends true
      ? unknown
      : -1 extends T[number]
        ? unknown
        : [Count<S>] extends [never]
          ? unknown
          : [Count<T>] extends [never]
            ? unknown
            : Count<S> extends Count<T>
              ? unknown
              : ShapeError<`reshape: ${Show<S>} has ${Count<S> & number} elements, ${Show<T>} has ${Count<T> & number}`>;
