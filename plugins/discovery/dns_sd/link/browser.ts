import type { DelayedCall, ReactorTime } from "../../../../services/async/time.ts";
import type { ResourceRecord } from "../../../../services/dns/dns_packet.ts";
import { keyOf, sameName } from "./record.ts";

/** A service that somebody on the link has. */
export interface FoundService {
  /** Its full name: `Printer._ipp._tcp.local`. */
  readonly name: string;
  /** `printer.local`. */
  readonly host: string;
  readonly port: number;
  /** IPv4 and IPv6, at least one. */
  readonly addresses: readonly string[];
  /** What more is said of it. */
  readonly txt: Readonly<Record<string, string>>;
}

/** What a browser works with. */
export interface BrowserOptions {
  /** `_http._tcp`. */
  readonly type: string;
  readonly time: ReactorTime;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly ask: (
    questions: readonly { readonly name: string; readonly type: string }[],
    known: readonly ResourceRecord[],
  ) => void;
  /** A service is there, or something about it has changed. */
  readonly found: (service: FoundService) => void;
  /** The service of that name, in lower case, is no more. */
  readonly lost: (name: string) => void;
}

/** A record as it was heard. */
interface Cached {
  readonly record: ResourceRecord;
  readonly heardAt: number;
  expires: number;
  /** How often it was asked for again before its end. */
  renewals: number;
}

/** RFC 6762, section 5.2: the first question soon, then after 1 s, and each time twice as long, up to an hour. */
const FIRST = { least: 20, most: 120 };
const LONGEST_INTERVAL = 3_600_000;
/** What is known is asked for again when this part of its time is over (section 5.2). */
const RENEW_AT = [0.8, 0.85, 0.9, 0.95];
/** A record that was taken back, or is replaced, lives on for so long (sections 10.1, 10.2). */
const LAST_WORDS = 1_000;
/** Services of one type that are kept of a link; a stranger could announce any number. */
const MOST_SERVICES = 1_000;

/** Looks for services of one type on one link, and keeps what it has heard for as long as it is good. */
export class Browser {
  readonly #options: BrowserOptions;
  readonly #domain: string;
  /** All that was heard of the type's services and their hosts, by name and type, then by record. */
  readonly #cache = new Map<string, Map<string, Cached>>();
  /** What was told last of each, as text. */
  readonly #told = new Map<string, string>();
  #interval = 1_000;
  #askTimer: DelayedCall;
  #ageTimer: DelayedCall | null = null;

  constructor(options: BrowserOptions) {
    this.#options = options;
    this.#domain = `${options.type}.local`;
    this.#askTimer = options.time.callLater(
      FIRST.least + options.random() * (FIRST.most - FIRST.least),
      () => this.#ask(),
    );
  }

  /** Somebody has said these records. */
  heard(records: readonly ResourceRecord[]): void {
    for (const record of records) {
      if (record.type === "PTR" && sameName(record.name, this.#domain)) this.#keep(record);
    }
    const names = new Set(this.#names().map((name) => name.toLowerCase()));
    for (const record of records) {
      if ((record.type === "SRV" || record.type === "TXT") && names.has(record.name.toLowerCase())) {
        this.#keep(record);
      }
    }
    const hosts = new Set(this.#names().map((name) => this.#target(name)?.toLowerCase()));
    for (const record of records) {
      if ((record.type === "A" || record.type === "AAAA") && hosts.has(record.name.toLowerCase())) {
        this.#keep(record);
      }
    }
    this.#tell();
    this.#askForTheRest();
    this.#ageLater();
  }

  /** Stop looking; all that was found is lost. */
  close(): void {
    this.#askTimer.cancel();
    this.#ageTimer?.cancel();
    this.#cache.clear();
    this.#tell();
  }

  #ask(): void {
    this.#options.ask([{ name: this.#domain, type: "PTR" }], this.#known());
    this.#askTimer = this.#options.time.callLater(this.#interval, () => this.#ask());
    this.#interval = Math.min(this.#interval * 2, LONGEST_INTERVAL);
  }

  /** What need not be told again: what is good for half of its time at least (section 7.1). */
  #known(): ResourceRecord[] {
    const now = this.#options.time.now();
    return this.#of(this.#domain, "PTR").flatMap(({ record, heardAt, expires }) => {
      const left = expires - now;
      return left > (expires - heardAt) / 2 ? [{ ...record, flush: false, ttl: Math.ceil(left / 1000) }] : [];
    });
  }

  /** Of a service without a place or an address one asks for them. */
  #askForTheRest(): void {
    const questions = this.#names().flatMap((name) => {
      const target = this.#target(name);
      if (target === null) return [{ name, type: "SRV" }, { name, type: "TXT" }];
      return this.#addresses(target).length === 0
        ? [{ name: target, type: "A" }, { name: target, type: "AAAA" }]
        : [];
    }).filter(({ name, type }) => !this.#askedJustNow.has(`${name} ${type}`));
    if (questions.length === 0) return;
    for (const { name, type } of questions) {
      const key = `${name} ${type}`;
      this.#askedJustNow.add(key);
      this.#options.time.callLater(LAST_WORDS, () => void this.#askedJustNow.delete(key));
    }
    this.#options.ask(questions, []);
  }

  /** Not to be asked again within a second (section 5.2). */
  readonly #askedJustNow = new Set<string>();

  #keep(record: ResourceRecord): void {
    const { time } = this.#options;
    const key = keyOf(record);
    if (key === null) return;
    const place = `${record.name.toLowerCase()} ${record.type}`;
    const set = this.#cache.get(place) ?? new Map<string, Cached>();
    const now = time.now();
    if (record.flush) {
      for (const other of set.values()) {
        if (other.heardAt < now - LAST_WORDS) other.expires = Math.min(other.expires, now + LAST_WORDS);
      }
    }
    const ttl = (record.ttl ?? 0) * 1000;
    const known = set.get(key);
    if (ttl === 0) {
      if (known !== undefined) known.expires = Math.min(known.expires, now + LAST_WORDS);
      return;
    }
    if (known === undefined && set.size >= MOST_SERVICES) return;
    set.set(key, { record, heardAt: now, expires: now + ttl, renewals: 0 });
    this.#cache.set(place, set);
  }

  #age(): void {
    const now = this.#options.time.now();
    const renew: { name: string; type: string }[] = [];
    for (const [place, set] of this.#cache) {
      for (const [key, cached] of set) {
        if (cached.expires <= now) set.delete(key);
        else if (now >= renewalTime(cached)) {
          cached.renewals++;
          renew.push({ name: cached.record.name, type: cached.record.type });
        }
      }
      if (set.size === 0) this.#cache.delete(place);
    }
    if (renew.length > 0) this.#options.ask(renew, []);
    this.#tell();
    this.#ageLater();
  }

  #ageLater(): void {
    let next = Infinity;
    for (const set of this.#cache.values()) {
      for (const cached of set.values()) next = Math.min(next, cached.expires, renewalTime(cached));
    }
    this.#ageTimer?.cancel();
    if (next === Infinity) return;
    const { time } = this.#options;
    this.#ageTimer = time.callLater(Math.max(0, next - time.now()), () => this.#age());
  }

  /** Tell what is different from what was told. */
  #tell(): void {
    const complete = new Map<string, FoundService>();
    for (const name of this.#names()) {
      const service = this.#service(name);
      if (service !== null) complete.set(name.toLowerCase(), service);
    }
    for (const key of [...this.#told.keys()]) {
      if (complete.has(key)) continue;
      this.#told.delete(key);
      this.#options.lost(key);
    }
    for (const [key, service] of complete) {
      const text = JSON.stringify(service);
      if (this.#told.get(key) === text) continue;
      this.#told.set(key, text);
      this.#options.found(service);
    }
  }

  #service(name: string): FoundService | null {
    const srv = this.#of(name, "SRV").at(-1)?.record.data as { target: string; port: number } | undefined;
    if (srv === undefined) return null;
    const addresses = this.#addresses(srv.target);
    if (addresses.length === 0) return null;
    const txt = this.#of(name, "TXT").at(-1)?.record.data;
    return { name, host: srv.target, port: srv.port, addresses, txt: readTxt(txt) };
  }

  #addresses(host: string): string[] {
    return [...this.#of(host, "A"), ...this.#of(host, "AAAA")].map(({ record }) => String(record.data))
      .sort();
  }

  #target(name: string): string | null {
    const srv = this.#of(name, "SRV").at(-1)?.record.data as { target: string } | undefined;
    return srv?.target ?? null;
  }

  #names(): string[] {
    return this.#of(this.#domain, "PTR").map(({ record }) => String(record.data));
  }

  #of(name: string, type: string): Cached[] {
    return [...this.#cache.get(`${name.toLowerCase()} ${type}`)?.values() ?? []];
  }
}

/** When it is asked for again; never, once it was four times. */
function renewalTime({ heardAt, expires, renewals }: Cached): number {
  const part = RENEW_AT[renewals];
  return part === undefined ? Infinity : heardAt + (expires - heardAt) * part;
}

/** RFC 6763, section 6.4: the first of a key counts; one without a value has an empty one here. */
function readTxt(data: unknown): Record<string, string> {
  const values: Record<string, string> = {};
  if (!Array.isArray(data)) return values;
  const decoder = new TextDecoder();
  for (const bytes of data as Uint8Array[]) {
    const [, key, value = ""] = /^([^=]+)(?:=(.*))?$/s.exec(decoder.decode(bytes)) ?? [];
    if (key !== undefined && !Object.hasOwn(values, key)) values[key] = value;
  }
  return values;
}
