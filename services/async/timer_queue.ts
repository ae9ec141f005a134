import { type HeapNode, TimerHeap } from "./_timer_heap.ts";
import { AlreadyCalledError } from "./errors.ts";
import type { DelayedCall } from "./time.ts";

/** A call that {@linkcode TimerQueue.popDue} has taken out of the queue, to be run by who took it. */
export interface DueCall {
  /** When it was due. */
  readonly time: number;
  /** Call the function with its arguments; what it throws comes through. Once only. */
  run(): void;
}

/** What a {@linkcode TimerQueue} needs of its owner. */
export interface TimerQueueOwner {
  /** The owner's present, in milliseconds: what {@linkcode DelayedCall.reset} counts from. */
  now(): number;
  /** The earliest call is due sooner than before, at `time`: arm the system's timer anew. */
  onEarlier?(time: number): void;
  /** The last call was cancelled: the system's timer has nothing to wait for. */
  onEmpty?(): void;
}

/**
 * The delayed calls of a reactor or a `Clock`, in the order in which they are due: by time, then by
 * arrangement (a call that was reset keeps its rank). It runs nothing and reads no clock of its own.
 *
 * `add` costs O(log n), `cancel` and putting a call off O(1).
 *
 * @example A reactor's turn
 * ```ts ignore
 * const now = owner.now();
 * const mark = queue.mark;
 * for (let call = queue.popDue(now, mark); call !== null; call = queue.popDue(now, mark)) call.run();
 * const next = queue.nextTime(); // arm the system's timer for that
 * ```
 */
export class TimerQueue {
  readonly #owner: TimerQueueOwner;
  readonly #heap = new TimerHeap<TimedCall>();
  #mark = 0;

  /** An empty queue. */
  constructor(owner: TimerQueueOwner) {
    this.#owner = owner;
  }

  /** Calls that are still to run. */
  get size(): number {
    return this.#heap.size;
  }

  /** Grows with each `add`. A mark taken before a turn keeps what is arranged meanwhile out of it. */
  get mark(): number {
    return this.#mark;
  }

  /** Arrange `fn(...args)` for `time`, an instant on the scale of the owner's `now`. */
  add<A extends unknown[]>(time: number, fn: (...args: A) => void, ...args: A): DelayedCall {
    const call = new TimedCall(time, this.#mark++, fn as Fn, args, this.#heap, this.#owner);
    if (this.#heap.push(call)) this.#owner.onEarlier?.(time);
    return call;
  }

  /** When the earliest call is due; null when there is none. */
  nextTime(): number | null {
    return this.#heap.peek()?.time ?? null;
  }

  /**
   * Take out the earliest call that is due at `now`, and was arranged before `mark` if one is given; null
   * when there is none. The call is no longer active.
   */
  popDue(now: number, mark: number = Infinity): DueCall | null {
    const call = this.#heap.peek();
    if (call === undefined || call.time > now || call.order >= mark) return null;
    this.#heap.pop();
    call.state = "called";
    return call;
  }

  /** When the calls are due, earliest first. For tests and messages: costs a sort. */
  times(): number[] {
    return this.#heap.active().map((call) => call.time).sort((a, b) => a - b);
  }

  /** Cancel every call. */
  clear(): void {
    if (this.size === 0) return;
    for (const call of this.#heap.clear()) call.release();
    this.#owner.onEmpty?.();
  }
}

/**
 * Refuse what is not a delay that a call can have.
 *
 * @returns `ms`
 * @throws {RangeError} when `ms` is negative or not finite
 */
export function checkDelay(ms: number): number {
  if (ms >= 0 && ms < Infinity) return ms;
  throw new RangeError(`Cannot delay a call by "${ms}" ms: must be finite and not negative`);
}

type Fn = (...args: unknown[]) => void;

const NOTHING: Fn = () => {};
const NO_ARGUMENTS: unknown[] = [];

class TimedCall implements DelayedCall, DueCall, HeapNode {
  key: number;
  index = 0;
  state: "pending" | "called" | "cancelled" = "pending";
  readonly #heap: TimerHeap<TimedCall>;
  readonly #owner: TimerQueueOwner;
  #fn: Fn;
  #args: unknown[];

  constructor(
    public time: number,
    readonly order: number,
    fn: Fn,
    args: unknown[],
    heap: TimerHeap<TimedCall>,
    owner: TimerQueueOwner,
  ) {
    this.key = time;
    this.#fn = fn;
    this.#args = args;
    this.#heap = heap;
    this.#owner = owner;
  }

  get active(): boolean {
    return this.state === "pending";
  }

  cancel(): void {
    if (this.state !== "pending") return;
    this.release();
    this.#heap.bury();
    if (this.#heap.size === 0) this.#owner.onEmpty?.();
  }

  reset(ms: number): void {
    this.#moveTo(this.#owner.now() + checkDelay(ms), "reset");
  }

  delay(ms: number): void {
    if (!Number.isFinite(ms)) throw new RangeError(`Cannot delay a call by "${ms}" ms: must be finite`);
    this.#moveTo(Math.max(this.time + ms, this.#owner.now()), "delay");
  }

  run(): void {
    const fn = this.#fn;
    const args = this.#args;
    this.#letGo();
    fn(...args);
  }

  /** Cancel, for a heap that has let go of it already. */
  release(): void {
    this.state = "cancelled";
    this.#letGo();
  }

  /** A handle that somebody keeps must not keep alive what the function refers to. */
  #letGo(): void {
    this.#fn = NOTHING;
    this.#args = NO_ARGUMENTS;
  }

  #moveTo(time: number, verb: string): void {
    if (this.state !== "pending") {
      throw new AlreadyCalledError(`Cannot ${verb} a call that was ${this.state}`);
    }
    if (this.#heap.move(this, time)) this.#owner.onEarlier?.(time);
  }
}
