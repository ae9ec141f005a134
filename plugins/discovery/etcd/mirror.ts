import type { DelayedCall, ReactorTime } from "../../../services/async/time.ts";
import type { Logger } from "../../../services/log.ts";
import type { InstanceTable } from "../../../services/registry/instance_table.ts";
import type { RegistryInstance } from "../../../services/registry/registry.ts";
import type { EtcdClient } from "./etcd_client.ts";
import type { Keys } from "./keys.ts";
import {
  decode,
  encode,
  endOfPrefix,
  type KeyValue,
  type RangeResponse,
  type WatchEvent,
  type WatchResponse,
} from "./messages.ts";
import { pause } from "./pause.ts";
import { isReachableFrom, readStored, toInstance } from "./stored_instance.ts";

/**
 * A watch that has been silent for so long is replaced by a new one, from the revision that it has come to, ms: the
 * stream may have died without a word, and etcd's own progress notifications are minutes apart.
 */
const SILENCE = 5_000;
/**
 * For what was missed to come after a watch has begun anew, ms. Until then what is told is stale. etcd looks for such
 * watches every 100 ms, and does not say when there is nothing to send.
 */
const CATCHING_UP = 500;
/** Between two attempts to reach etcd, ms: doubled from the first to the last. */
const FIRST_RETRY = 100;
const LAST_RETRY = 1_000;

/** What a mirror works with. */
export interface MirrorOptions {
  readonly client: EtcdClient;
  readonly time: ReactorTime;
  readonly keys: Keys;
  /** What is mirrored into. */
  readonly table: InstanceTable;
  /** The machine that we are on. */
  readonly node: string;
  readonly log: Logger;
}

/** Who holds an election's key. */
export interface Holder {
  /** The revision at which it got the key: its fencing token. */
  readonly created: number;
}

/**
 * A copy of what etcd keeps under our prefix: listed once, then followed by a watch. A watch that breaks goes on from
 * the revision that it has come to; where etcd has forgotten that, everything is listed anew.
 */
export class Mirror {
  readonly #with: MirrorOptions;
  readonly #stop = new AbortController();
  readonly #holders = new Map<string, Holder>();
  readonly #listeners = new Set<() => void>();
  /** The revision that all is known of; null: of none. */
  #revision: number | null = null;
  #isLive = false;
  /** The log has said that etcd cannot be reached. */
  #isAway = false;
  /** How many times everything was listed. */
  #lists = 0;
  #retry = FIRST_RETRY;
  #catchingUp: DelayedCall | null = null;
  /** Ends the stream that is being read. */
  #stream = new AbortController();

  constructor(options: MirrorOptions) {
    this.#with = options;
    // Nothing is known yet.
    options.table.setStale(true);
  }

  /** A watch is open: what is told is what is. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Who holds the election `name`. */
  holderOf(name: string): Holder | undefined {
    return this.#holders.get(name);
  }

  /** Call `listener` whenever anything has changed, until the returned function is called. */
  onNews(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves when `isTrue`, which is asked at once and then whenever anything has changed. */
  async until(isTrue: () => boolean, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (isTrue()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stopListening = this.onNews(() => {
      if (isTrue()) resolve();
    });
    const ends = AbortSignal.any([this.#stop.signal, ...(signal === undefined ? [] : [signal])]);
    const giveUp = (): void => reject(ends.reason);
    ends.addEventListener("abort", giveUp);
    try {
      if (ends.aborted) giveUp();
      await promise;
    } finally {
      stopListening();
      ends.removeEventListener("abort", giveUp);
    }
  }

  /** Resolves when what etcd has at `revision`, which it is at now, is known here. */
  reached(revision: number, signal?: AbortSignal): Promise<void> {
    const lists = this.#lists;
    // Of an etcd that was restored from a backup, the revision may never come.
    const isKnown = (): boolean => this.#with.table.revision >= revision || this.#lists > lists;
    return this.until(() => this.#isLive && isKnown(), signal);
  }

  /** Follow etcd until {@linkcode stop}. */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        if (this.#revision === null) await this.#list();
        await this.#watch();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#lose(error);
        await pause(this.#with.time, this.#retry, this.#stop.signal);
        this.#retry = Math.min(LAST_RETRY, this.#retry * 2);
      }
    }
  }

  /** The stream may be dead: open another one now. */
  probe(): void {
    this.#stream.abort();
  }

  /** Follow no longer. */
  stop(reason: Error): void {
    this.#stop.abort(reason);
    this.#stream.abort();
    this.#isLive = false;
  }

  async #list(): Promise<void> {
    const { client, keys, table } = this.#with;
    const range = { key: encode(keys.prefix), range_end: encode(endOfPrefix(keys.prefix)) };
    const { header, kvs = [] } = await client.call<RangeResponse>("kv/range", range);
    const revision = Number(header.revision);
    table.replaceAll(kvs.flatMap((kv) => this.#instanceOf(kv) ?? []), revision);
    this.#holders.clear();
    for (const kv of kvs) this.#noteHolder(decode(kv.key), kv);
    this.#revision = revision;
    this.#lists++;
    this.#news();
  }

  /** Follow one stream; returns when it should be replaced by another. */
  async #watch(): Promise<void> {
    const { client, keys, time } = this.#with;
    this.#stream = new AbortController();
    const { signal } = this.#stream;
    const silence = time.callLater(SILENCE, () => this.#stream.abort());
    try {
      const messages = await client.open<WatchResponse>("watch", {
        create_request: {
          key: encode(keys.prefix),
          range_end: encode(endOfPrefix(keys.prefix)),
          start_revision: this.#revision! + 1,
          progress_notify: true,
        },
      }, signal);
      for await (const message of messages) {
        if (silence.active) silence.reset(SILENCE);
        if (message.canceled === true) return this.#canceled(message);
        if (message.created === true) this.#created(message);
        else this.#follow(message);
        if (this.#revision === null) return;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      silence.cancel();
      this.#catchingUp?.cancel();
      this.#stream.abort();
    }
  }

  #canceled({ compact_revision, cancel_reason = "for no reason" }: WatchResponse): void {
    if (compact_revision === undefined) throw new Error(`etcd has cancelled the watch: ${cancel_reason}`);
    this.#revision = null;
  }

  #follow({ header, events = [] }: WatchResponse): void {
    const { table } = this.#with;
    for (const event of events) this.#apply(event);
    const last = events.at(-1)?.kv.mod_revision ?? header.revision;
    this.#revision = Math.max(this.#revision ?? 0, Number(last));
    table.advance(this.#revision);
    if (this.#isLive) this.#news();
    else this.#live();
  }

  #apply({ type, kv }: WatchEvent): void {
    const { table, keys } = this.#with;
    const key = decode(kv.key);
    const id = keys.instanceOf(key);
    if (type === "DELETE") {
      if (id !== null) table.delete(id, Number(kv.mod_revision));
      this.#holders.delete(keys.electionOf(key) ?? "");
      return;
    }
    const instance = this.#instanceOf(kv as KeyValue);
    if (instance !== null) table.put(instance);
    else if (id !== null) table.delete(id, Number(kv.mod_revision));
    this.#noteHolder(key, kv as KeyValue);
  }

  /** The instance under a key, if there is one that is of use here. */
  #instanceOf(kv: KeyValue): RegistryInstance | null {
    const { keys, node } = this.#with;
    const id = keys.instanceOf(decode(kv.key));
    const stored = id === null ? null : readStored(kv);
    if (stored === null || stored.id !== id || !isReachableFrom(node, stored)) return null;
    return toInstance(stored, kv);
  }

  #noteHolder(key: string, { create_revision }: KeyValue): void {
    const name = this.#with.keys.electionOf(key);
    if (name !== null) this.#holders.set(name, { created: Number(create_revision) });
  }

  #created({ header }: WatchResponse): void {
    const { time } = this.#with;
    // Another etcd, or one restored from a backup: what we know was never there.
    if (Number(header.revision) < this.#revision!) return void (this.#revision = null);
    this.#retry = FIRST_RETRY;
    if (this.#isLive || Number(header.revision) === this.#revision) this.#live();
    else this.#catchingUp = time.callLater(CATCHING_UP, () => this.#live());
  }

  /** Nothing is missing any more. */
  #live(): void {
    const { table, log } = this.#with;
    if (this.#isAway) log.info("etcd is back: what is told is up to date again");
    this.#isAway = false;
    this.#isLive = true;
    table.setStale(false);
    this.#news();
  }

  #lose(error: unknown): void {
    const { table, log } = this.#with;
    if (!this.#isAway) log.warn("etcd cannot be reached: what is told is what was last known", { error });
    this.#isAway = true;
    this.#isLive = false;
    table.setStale(true);
    this.#news();
  }

  #news(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
