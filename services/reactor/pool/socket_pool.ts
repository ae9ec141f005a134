import type { DelayedCall, ReactorTime } from "../../async/time.ts";
import type { Address } from "../address.ts";
import { CannotListenError } from "../errors.ts";
import type { PooledSocket } from "./pooled_socket.ts";

/** What a socket is wanted for. */
export interface SocketRequest<Taker> {
  /** What can be bound only once: address and port, path, descriptor. */
  readonly place: string;
  /** The system chooses the place: two requests for it are two sockets. */
  readonly anywhere: boolean;
  /** The whole endpoint: a socket opened with other settings does not serve. */
  readonly settings: string;
  /** The service's name: its successor bears the same. */
  readonly owner: string;
  /** The predecessor may go on with the socket until `activate`. */
  readonly staged: boolean;
  readonly taker: Taker;
}

/** A service's hold on a pooled socket. */
export interface Lease<Socket> {
  readonly socket: Socket;
  readonly host: Address;
  /** Take over: what arrives is the taker's from now on. */
  activate(): void;
  /**
   * Let go. With a `hold` the socket, and what is queued on it, waits so many ms for a successor; without one
   * what is queued is taken first, and the release resolves when the place is free again. Once; the lease is
   * of no more use.
   */
  release(hold: number): Promise<void>;
}

interface Entry<Taker, Socket> {
  readonly settings: string;
  owner: string;
  /** Set when it is open. */
  socket: Socket | null;
  /** Whose what arrives is; null while it is parked. */
  holder: object | null;
  /** Leases that wait for their turn, from before it is open. */
  readonly staged: Set<object>;
  expiry: DelayedCall | null;
}

/**
 * The sockets of a reactor. One stays open while its service is replaced or waits a moment for its next
 * attempt, so that no client is refused meanwhile.
 */
export class SocketPool<Taker, Socket extends PooledSocket<Taker>> {
  readonly #time: ReactorTime;
  readonly #places = new Map<string, Entry<Taker, Socket>[]>();
  /** Closed, but the system has not let go of them yet. */
  readonly #closing = new Set<Promise<void>>();

  constructor(time: ReactorTime) {
    this.#time = time;
  }

  /**
   * The socket for `request`: one that a predecessor left, or a new one from `open`. What arrives is the
   * taker's from `activate` on.
   * @throws {CannotListenError} when another service has it, or `open` fails
   */
  async acquire(request: SocketRequest<Taker>, open: () => Promise<Socket>): Promise<Lease<Socket>> {
    const lease = {};
    const found = this.#find(request);
    found?.staged.add(lease);
    const entry = found ?? await this.#open(request, lease, open);
    entry.expiry?.cancel();
    entry.expiry = null;
    entry.owner = request.owner;
    const socket = entry.socket!;
    return {
      socket,
      host: socket.host,
      activate: () => {
        // Neither active already, nor released.
        if (!entry.staged.delete(lease)) return;
        entry.holder = lease;
        socket.attach(request.taker);
      },
      release: async (hold) => {
        entry.staged.delete(lease);
        if (entry.holder === lease) {
          // Where a successor comes, it serves what is queued.
          if (hold === 0 && entry.staged.size === 0) await socket.takeQueued();
          if (entry.holder !== lease) return;
          entry.holder = null;
          socket.detach();
        }
        await this.#abandon(entry, request.place, hold);
      },
    };
  }

  /** Close everything, whoever holds it. */
  async close(): Promise<void> {
    for (const [place, entries] of this.#places) {
      for (const entry of entries) void this.#close(entry, place);
    }
    await this.#allClosed();
  }

  #find(request: SocketRequest<Taker>): Entry<Taker, Socket> | null {
    const { place, owner, settings, anywhere, staged } = request;
    for (const entry of this.#places.get(place) ?? []) {
      const free = entry.socket !== null && entry.holder === null && entry.staged.size === 0;
      const same = entry.owner === owner && entry.settings === settings;
      if (anywhere) {
        if (same && entry.socket !== null && (free || (staged && entry.staged.size === 0))) return entry;
        continue;
      }
      if (free) {
        if (entry.settings === settings) return entry;
        void this.#close(entry, place);
        return null;
      }
      if (staged && same && entry.socket !== null) return entry;
      throw new CannotListenError(
        entry.owner === owner
          ? `Cannot listen on "${settings}": service "${owner}" listens there already`
          : `Cannot listen on "${settings}": service "${entry.owner}" listens there; choose another port`,
      );
    }
    return null;
  }

  async #open(
    request: SocketRequest<Taker>,
    lease: object,
    open: () => Promise<Socket>,
  ): Promise<Entry<Taker, Socket>> {
    const { settings, owner, place } = request;
    const entry: Entry<Taker, Socket> = {
      settings,
      owner,
      socket: null,
      holder: null,
      staged: new Set([lease]),
      expiry: null,
    };
    this.#places.set(place, [...this.#places.get(place) ?? [], entry]);
    try {
      // One of them may be in the way.
      await this.#allClosed();
      entry.socket = await open();
      return entry;
    } catch (error) {
      this.#forget(entry, place);
      throw error;
    }
  }

  /** Nobody takes from it just now: keep it for a successor, or close it. */
  async #abandon(entry: Entry<Taker, Socket>, place: string, hold: number): Promise<void> {
    if (entry.holder !== null || entry.staged.size > 0) return;
    entry.expiry?.cancel();
    if (hold === 0) await this.#close(entry, place);
    else entry.expiry = this.#time.callLater(hold, () => void this.#close(entry, place));
  }

  async #close(entry: Entry<Taker, Socket>, place: string): Promise<void> {
    entry.expiry?.cancel();
    this.#forget(entry, place);
    const { socket } = entry;
    if (socket === null) return;
    const closed = socket.close();
    this.#closing.add(closed);
    await closed;
    this.#closing.delete(closed);
  }

  async #allClosed(): Promise<void> {
    while (this.#closing.size > 0) await Promise.all(this.#closing);
  }

  #forget(entry: Entry<Taker, Socket>, place: string): void {
    const left = (this.#places.get(place) ?? []).filter((other) => other !== entry);
    if (left.length === 0) this.#places.delete(place);
    else this.#places.set(place, left);
  }
}
