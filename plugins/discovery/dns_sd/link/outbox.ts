import type { DelayedCall, ReactorTime } from "../../../../services/async/time.ts";
import type { ResourceRecord } from "../../../../services/dns/dns_packet.ts";
import { keyOf } from "./record.ts";

/** A record is not said to all more often than this (RFC 6762, section 6); in defence of a name, than this. */
const INTERVAL = 1_000;
const DEFENCE_INTERVAL = 250;

/** Responses to all that are due: joined, not repeated, and dropped when somebody else has said the same. */
export class Outbox {
  readonly #time: ReactorTime;
  readonly #send: (answers: readonly ResourceRecord[], additionals: readonly ResourceRecord[]) => void;
  readonly #answers = new Map<string, ResourceRecord>();
  readonly #additionals = new Map<string, ResourceRecord>();
  /** When a record was last said, by its key. */
  readonly #said = new Map<string, number>();
  #timer: DelayedCall | null = null;

  constructor(
    time: ReactorTime,
    send: (answers: readonly ResourceRecord[], additionals: readonly ResourceRecord[]) => void,
  ) {
    this.#time = time;
    this.#send = send;
  }

  /** Say `answers` within `delay` ms, but what has been said just now. */
  add(
    answers: readonly ResourceRecord[],
    additionals: readonly ResourceRecord[],
    delay: number,
    { defending = false } = {},
  ): void {
    const since = this.#time.now() - (defending ? DEFENCE_INTERVAL : INTERVAL);
    for (const record of answers) {
      const key = keyOf(record)!;
      if ((this.#said.get(key) ?? -Infinity) <= since) this.#answers.set(key, record);
    }
    if (this.#answers.size === 0) return;
    for (const record of additionals) this.#additionals.set(keyOf(record)!, record);
    if (delay === 0) return this.#flush();
    if (this.#timer?.active !== true || this.#timer.time > this.#time.now() + delay) {
      this.#timer?.cancel();
      this.#timer = this.#time.callLater(delay, () => this.#flush());
    }
  }

  /** Records were said by us in another way. */
  noteSaid(records: readonly ResourceRecord[]): void {
    for (const record of records) this.#said.set(keyOf(record)!, this.#time.now());
  }

  /** Somebody else has said `record`, so that we need not (section 7.4). */
  suppress(record: ResourceRecord): void {
    const key = keyOf(record);
    if (key === null) return;
    const own = this.#answers.get(key);
    if (own !== undefined && (record.ttl ?? 0) >= (own.ttl ?? 0)) this.#answers.delete(key);
  }

  /** Records are no more: nothing is said of them. */
  forget(records: readonly ResourceRecord[]): void {
    for (const record of records) {
      const key = keyOf(record)!;
      this.#answers.delete(key);
      this.#additionals.delete(key);
      this.#said.delete(key);
    }
  }

  close(): void {
    this.#timer?.cancel();
  }

  #flush(): void {
    this.#timer?.cancel();
    const answers = [...this.#answers.values()];
    for (const key of this.#answers.keys()) this.#additionals.delete(key);
    const additionals = [...this.#additionals.values()];
    this.#answers.clear();
    this.#additionals.clear();
    if (answers.length === 0) return;
    this.noteSaid(answers);
    this.#send(answers, additionals);
  }
}
