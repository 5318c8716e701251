// The one memory in which large arrays lie, so that kernels read and write them where they are. Nobody has to give a block back: what
// was not used for longest is moved out to an array of the garbage collector's when its place is needed, and whoever still holds it
// notices nothing. So a loop that never lets the collector run stays flat, and what a user can reach is valid for ever. The memory is
// reserved at once and never grows, since growing would detach all views; pages that were never written cost nothing.
//
// Every size class has its own places. It takes new ones freely up to `FREE_PLACES`, and `FREE_BYTES` of memory in all; from then on it
// recycles its oldest, and gets one more for each array that comes back after it was moved out: so a working set of any size finds room, and
// what is computed once and forgotten does not.

import { Storage } from "../../backend.ts";
import { BYTES, type Data, type DType } from "../../dtype.ts";

/** A place in the memory; `storage` is null while a kernel uses it as scratch. */
export interface Place {
  readonly pool: Pool;
  readonly start: number;
  readonly kind: SizeClass;
  storage: Storage | null;
  /** The call that used it last. */
  used: number;
  newer: Place;
  older: Place;
}

/** Places of one size: those in use as a ring from the oldest to the newest, and those that are free. */
class SizeClass {
  readonly bytes: number;
  readonly free: Place[] = [];
  /** Stands between the newest and the oldest. */
  readonly end: Place;
  /** How many there are. */
  places = 0;
  /** How many arrays came back for which no place was added yet. */
  owed = 0;

  constructor(bytes: number) {
    this.bytes = bytes;
    const end = { pool: null, start: 0, kind: this, storage: null, used: 0 } as unknown as Place;
    end.newer = end;
    end.older = end;
    this.end = end;
  }
}

const FREE_PLACES = 128;
const FREE_BYTES = 16 * 1024 * 1024;
/** Up to which memory is not given back. */
const FLUSH_BYTES = 384 * 1024 * 1024;

// A ring is changed without calls in between: an interrupt comes only at calls and in loops, so it finds each ring whole.
function unlink(place: Place): void {
  place.newer.older = place.older;
  place.older.newer = place.newer;
}

function append(place: Place): void {
  const { end } = place.kind;
  place.newer = end;
  place.older = end.older;
  end.older.newer = place;
  end.older = place;
}

/** An array over memory of ours. */
export function view(buffer: ArrayBufferLike, dtype: DType, start: number, length: number): Data {
  switch (dtype) {
    case "f32":
      return new Float32Array(buffer, start, length);
    case "f64":
      return new Float64Array(buffer, start, length);
    case "i32":
      return new Int32Array(buffer, start, length);
    case "bool":
      return new Uint8Array(buffer, start, length);
  }
}

export class Pool {
  readonly #buffer: ArrayBufferLike;
  readonly #first: number;
  readonly #limit: number;
  readonly #classes: (SizeClass | undefined)[] = [];
  #top: number;
  #call = 1;
  #crowded = false;
  #flushAt = FLUSH_BYTES;
  /** Bytes that came back since the last flush. */
  #returned = 0;
  readonly #scratch: Place[] = [];

  /** A pool over the bytes of `buffer` from `first` on. */
  constructor(buffer: ArrayBufferLike, first: number) {
    this.#buffer = buffer;
    this.#first = first;
    this.#top = first;
    this.#limit = buffer.byteLength;
  }

  /** The bytes that were ever in use. */
  get bytes(): number {
    return this.#top - this.#first;
  }

  /** Begins a call: places used from here on stay where they are until the next one. */
  begin(): void {
    this.#call++;
    while (this.#scratch.length > 0) this.release(this.#scratch.pop() as Place);
    if (this.#crowded) this.#flush();
  }

  /** A fresh storage whose numbers are anything; null if there is no room for it. */
  storage(dtype: DType, length: number): Storage | null {
    const place = this.#take(length * BYTES[dtype]);
    if (place === null) return null;
    const storage = new Storage(view(this.#buffer, dtype, place.start, length));
    storage.place = place;
    place.storage = storage;
    return storage;
  }

  /** The address of a storage's numbers, which are moved in if they lie elsewhere; 0 if there is no room. */
  address(storage: Storage, dtype: DType): number {
    let place = storage.place as Place | null;
    if (place !== null && place.pool !== this) {
      place.pool.giveUp(place);
      place = null;
    }
    if (place !== null) {
      if (place.used !== this.#call) {
        place.used = this.#call;
        unlink(place);
        append(place);
      }
      return place.start;
    }
    const { data } = storage;
    if (storage.movedOut) this.#owe(data.byteLength);
    place = this.#take(data.byteLength);
    if (place === null) return 0;
    const moved = view(this.#buffer, dtype, place.start, data.length);
    moved.set(data);
    place.storage = storage;
    storage.data = moved;
    storage.place = place;
    return place.start;
  }

  /** Room for `bytes` until the next call; 0 if there is none. */
  scratch(bytes: number): number {
    const place = this.#take(bytes);
    if (place === null) return 0;
    this.#scratch.push(place);
    return place.start;
  }

  /** Takes the place of an array that nobody can reach any more. */
  release(place: Place): void {
    const { storage } = place;
    if (storage !== null) {
      storage.place = null;
      storage.data = NOTHING;
      place.storage = null;
    }
    unlink(place);
    place.kind.free.push(place);
  }

  /** Lets the array at a place go to another memory. */
  giveUp(place: Place): void {
    this.#moveOut(place);
    unlink(place);
    place.kind.free.push(place);
  }

  #take(bytes: number): Place | null {
    const kind = this.#classFor(bytes);
    let place = kind.free.pop();
    if (place === undefined) {
      const oldest = kind.end.newer;
      const full = kind.places >= FREE_PLACES || this.bytes + kind.bytes > FREE_BYTES;
      if (full && kind.owed === 0 && oldest !== kind.end && oldest.used !== this.#call) {
        this.#moveOut(oldest);
        unlink(oldest);
        place = oldest;
      } else {
        if (kind.owed > 0) kind.owed--;
        if (this.bytes + kind.bytes > this.#flushAt) this.#crowded = true;
        if (this.#top + kind.bytes > this.#limit) return null;
        place = { pool: this, start: this.#top, kind, storage: null, used: 0 } as unknown as Place;
        this.#top += kind.bytes;
        kind.places++;
      }
    }
    place.used = this.#call;
    append(place);
    return place;
  }

  #moveOut(place: Place): void {
    const { storage } = place;
    if (storage === null) return;
    const { data } = storage;
    try {
      // A typed array's own copy lies with the garbage collector.
      storage.data = data.slice();
    } catch (error) {
      // The engine's own words name no size. The array stays where it is.
      const size = (data.byteLength / 2 ** 20).toPrecision(3);
      throw new RangeError(`there is no memory for ${data.length} more numbers (${size} MiB); let go of what is kept`, {
        cause: error,
      });
    }
    storage.movedOut = true;
    storage.place = null;
    place.storage = null;
  }

  #owe(bytes: number): void {
    this.#classFor(bytes).owed++;
    this.#returned += bytes;
  }

  /** Empties the memory, when classes that nobody uses any more hold most of it; if that was wrong, lets it grow. */
  #flush(): void {
    this.#crowded = false;
    if (this.#returned > this.#flushAt / 2) this.#flushAt *= 2;
    this.#returned = 0;
    for (const kind of this.#classes) {
      if (kind === undefined) continue;
      for (let place = kind.end.newer; place !== kind.end; place = kind.end.newer) {
        this.#moveOut(place);
        unlink(place);
      }
      kind.free.length = 0;
      kind.places = 0;
      kind.owed = 0;
    }
    this.#top = this.#first;
  }

  /** Four classes for each power of two. */
  #classFor(bytes: number): SizeClass {
    const least = Math.max(bytes, 1024) - 1;
    const exponent = 31 - Math.clz32(least);
    const quarter = 2 ** (exponent - 2);
    const steps = Math.floor(least / quarter) + 1;
    const index = exponent * 4 + steps - 5;
    return (this.#classes[index] ??= new SizeClass(steps * quarter));
  }
}

/** What a storage holds whose memory was taken: a use of it would be a mistake of ours, and finds no numbers. */
const NOTHING = new Float32Array(0);
