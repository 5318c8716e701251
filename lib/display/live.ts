// One output that changes in its place while a loop runs: at most five times a second, and never for more than a fiftieth of the time. Timers
// do not fire in a loop that never waits, so the clock is read in each call; what was held back is shown when the cell ends, whether it is
// done, has failed or was interrupted. Drafts are cheap; only the last state is drawn as a picture too, by whoever can.

import type { Bundle, Displayed } from "./bundle.ts";
import { host, type Host } from "./host.ts";

/** Milliseconds between two updates, and how many times as long as the last one took. */
const INTERVAL = 200;
const SHARE = 50;
/** Milliseconds without news after which a display that no cell waits for is complete. */
const QUIET = 1000;

let displays = 0;

/** A display of something that changes. */
export class LiveDisplay {
  readonly #content: Displayed;
  readonly #draft: () => Bundle;
  readonly #cellEnded: () => void;
  readonly #id: string;
  #host: Host | null | undefined;
  #shown = false;
  /** When the next update may come. */
  #due = 0;
  /** Something is not shown yet, or only as a draft. */
  #changed = false;
  #cellTells = false;
  /** When a timer that is set fires; one that an interrupt has cancelled never does. */
  #timer = 0;
  #touched = 0;

  /** `content` shows the last state whole, `draft` a state on the way; `cellEnded` is told before the last state is shown. */
  constructor(content: Displayed, draft: () => Bundle, cellEnded: () => void = () => {}) {
    this.#content = content;
    this.#draft = draft;
    this.#cellEnded = cellEnded;
    this.#id = `adjoint-${Date.now().toString(36)}-${++displays}-${Math.random().toString(36).slice(2, 8)}`;
  }

  /** Something has changed: shown at once, or when its time has come. */
  touch(): void {
    if (this.#host === undefined) this.#host = host();
    if (this.#host === null) return;
    this.#changed = true;
    const now = Date.now();
    this.#touched = now;
    if (now >= this.#due) this.#update(this.#host, this.#draft, now);
    if (!this.#cellTells) this.#await(this.#host, now);
  }

  /** Shows the last state now. */
  finish(): void {
    if (this.#host === undefined || this.#host === null || !this.#changed) return;
    this.#changed = false;
    this.#update(this.#host, () => this.#content, Date.now());
  }

  #update(to: Host, content: () => Bundle | Displayed, begun: number): void {
    const shown = content();
    const options = { display_id: this.#id, update: this.#shown };
    to.show(shown, shown === this.#content ? options : { ...options, raw: true });
    const now = Date.now();
    // The first one takes long because its code has never run.
    this.#due = now + (this.#shown ? Math.max(INTERVAL, SHARE * (now - begun)) : INTERVAL);
    this.#shown = true;
  }

  #await(to: Host, now: number): void {
    this.#cellTells = to.whenCellEnds(() => {
      this.#cellTells = false;
      this.#cellEnded();
      this.finish();
    });
    if (!this.#cellTells && this.#timer < now) this.#wake(to, INTERVAL);
  }

  /** For a display of a cell that has ended, or where nobody tells of the end. */
  #wake(to: Host, milliseconds: number): void {
    this.#timer = Date.now() + milliseconds;
    to.later(() => {
      this.#timer = 0;
      if (this.#cellTells || !this.#changed) return;
      const now = Date.now();
      if (now - this.#touched >= QUIET) return this.finish();
      if (now >= this.#due) this.#update(to, this.#draft, now);
      this.#wake(to, QUIET);
    }, milliseconds);
  }
}
