import type { DelayedCall, ReactorTime } from "../../../../services/async/time.ts";
import type { ResourceRecord } from "../../../../services/dns/dns_packet.ts";
import { compareRecordSets, dataOf, type OwnRecord, sameName } from "./record.ts";

/** A name that is to be ours alone on a link, and what is said under it. */
export interface ClaimSpec {
  /** Its first label, as it is wanted. */
  readonly label: string;
  /** What follows: `_http._tcp.local`, `local`. */
  readonly domain: string;
  /** The label of the nth attempt, from 2, when others have had the ones before. */
  readonly alternative: (label: string, attempt: number) => string;
  /** What is said once `name` is ours. */
  readonly records: (name: string) => readonly OwnRecord[];
}

/** What a claim does on its link. */
export interface ClaimLink {
  readonly time: ReactorTime;
  /** From 0 to below 1. */
  readonly random: () => number;
  probe(name: string, records: readonly ResourceRecord[]): void;
  announce(records: readonly ResourceRecord[]): void;
  goodbye(records: readonly ResourceRecord[]): void;
  /** The name is ours, or has become another one. */
  settled(claim: Claim): void;
}

type State = "probing" | "announcing" | "established" | "withdrawn";
type Event = "probed" | "announced" | "conflict" | "withdraw";

/** RFC 6762, section 8 and 9. What is not here changes nothing. */
const TRANSITIONS: Readonly<Record<State, Readonly<Partial<Record<Event, State>>>>> = {
  probing: { probed: "announcing", conflict: "probing", withdraw: "withdrawn" },
  announcing: { announced: "established", conflict: "probing", withdraw: "withdrawn" },
  established: { conflict: "probing", withdraw: "withdrawn" },
  withdrawn: {},
};

const PROBES = 3;
const PROBE_INTERVAL = 250;
const ANNOUNCEMENTS = 2;
const ANNOUNCE_INTERVAL = 1_000;
/** Who has lost a tie waits, for what may be a ghost of its own (section 8.2). */
const TIE_WAIT = 1_000;
/** So many conflicts within so long, and the next attempt waits (section 8.1). */
const CONFLICTS = 15;
const CONFLICT_WINDOW = 10_000;
const CONFLICT_WAIT = 5_000;

/** One name on its way to being ours, and kept. */
export class Claim {
  readonly #spec: ClaimSpec;
  readonly #link: ClaimLink;
  #state: State = "probing";
  #attempt = 1;
  /** Probes or announcements sent in this state. */
  #sent = 0;
  /** It has been announced under this name, so that others know it. */
  #known = false;
  #conflicts: number[] = [];
  #timer: DelayedCall | null = null;

  constructor(spec: ClaimSpec, link: ClaimLink) {
    this.#spec = spec;
    this.#link = link;
    this.#later(link.random() * PROBE_INTERVAL);
  }

  /** In full. */
  get name(): string {
    const { label, domain, alternative } = this.#spec;
    return `${this.#attempt === 1 ? label : alternative(label, this.#attempt)}.${domain}`;
  }

  /** Whether others may be told of it. */
  get isOurs(): boolean {
    return this.#state === "announcing" || this.#state === "established";
  }

  /** What is said under it. */
  get records(): readonly OwnRecord[] {
    return this.#spec.records(this.name);
  }

  /** Somebody else wants to have `name` at the same time, with such records. */
  probeSeen(name: string, theirs: readonly ResourceRecord[]): void {
    if (this.#state !== "probing" || !sameName(name, this.name)) return;
    if (compareRecordSets(this.#unique(), theirs) >= 0) return;
    this.#sent = 0;
    this.#later(TIE_WAIT);
  }

  /** Somebody says `record`: a conflict when the name is ours alone and the data is not ours. */
  recordSeen(record: ResourceRecord): void {
    if (this.#state === "withdrawn" || !sameName(record.name, this.name) || record.ttl === 0) return;
    const rivals = this.#unique().filter(({ type }) => type === record.type);
    if (this.#state !== "probing" && rivals.length === 0) return;
    const data = dataOf(record).toString();
    if (rivals.some((own) => dataOf(own).toString() === data)) return;
    this.#conflict();
  }

  /** Say it all again: what it points to has changed. */
  announceAgain(): void {
    if (this.isOurs) this.#link.announce(this.records.map(({ record }) => record));
  }

  /** Give the name up, and tell others so. */
  withdraw(): void {
    this.#timer?.cancel();
    if (this.#known) this.#link.goodbye(this.records.map(({ record }) => record));
    this.#go("withdraw");
  }

  #conflict(): void {
    const now = this.#link.time.now();
    this.#conflicts = [...this.#conflicts.filter((time) => time > now - CONFLICT_WINDOW), now];
    // Who has it already is asked once more, lest a mistake costs us the name (section 9).
    if (this.#state === "probing") {
      this.#attempt++;
      this.#known = false;
    }
    this.#sent = 0;
    this.#go("conflict");
    this.#later(this.#conflicts.length >= CONFLICTS ? CONFLICT_WAIT : this.#link.random() * PROBE_INTERVAL);
  }

  #step(): void {
    if (this.#state === "probing") this.#probe();
    else if (this.#state === "announcing") this.#announce();
  }

  #probe(): void {
    if (this.#sent < PROBES) {
      this.#sent++;
      this.#link.probe(this.name, this.#unique());
      return this.#later(PROBE_INTERVAL);
    }
    this.#sent = 0;
    this.#known = true;
    this.#go("probed");
    this.#link.settled(this);
    this.#announce();
  }

  #announce(): void {
    this.#link.announce(this.records.map(({ record }) => record));
    if (++this.#sent < ANNOUNCEMENTS) this.#later(ANNOUNCE_INTERVAL);
    else this.#go("announced");
  }

  #unique(): ResourceRecord[] {
    return this.records.filter(({ shared }) => !shared).map(({ record }) => record);
  }

  #go(event: Event): void {
    this.#state = TRANSITIONS[this.#state][event] ?? this.#state;
  }

  #later(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#link.time.callLater(ms, () => this.#step());
  }
}
