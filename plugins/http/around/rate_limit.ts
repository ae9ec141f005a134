import type { ReactorTime } from "../../../services/async/time.ts";
import { Reply } from "../../../services/http/reply.ts";
import { peerGroup } from "../../../services/protocol/policies/peer_group.ts";
import type { RouteHandler } from "../route/route_kind.ts";

/** How many requests a client may make: `requests` in any `per` milliseconds, in the long run. */
export interface RateLimitOptions {
  readonly requests: number;
  readonly per: number;
  /** So many at once. */
  readonly burst: number;
}

/** Clients that are remembered. */
const MOST_CLIENTS = 100_000;

/**
 * Answers 429 to a client (an IPv4 address, an IPv6 /64) that asks too often, and says when it may ask again.
 * By the generic cell rate algorithm: of a client no more is kept than the time at which it has used up nothing.
 */
export function rateLimit(handler: RouteHandler, options: RateLimitOptions, time: ReactorTime): RouteHandler {
  const limiter = new RateLimiter(options);
  return (request, info, path) => {
    const wait = limiter.take(peerGroup(info.peer) ?? "", time.now());
    return wait === 0 ? handler(request, info, path) : tooMany(wait);
  };
}

/** Decides who has to wait. */
export class RateLimiter {
  readonly #interval: number;
  readonly #tolerance: number;
  /** When each client's debt is paid. The oldest come first: a client goes to the end when it asks. */
  readonly #paidAt = new Map<string, number>();

  constructor({ requests, per, burst }: RateLimitOptions) {
    this.#interval = per / requests;
    this.#tolerance = this.#interval * (burst - 1);
  }

  /** Take a request of `client` at `now`: 0 when it may be answered, or milliseconds until it may. */
  take(client: string, now: number): number {
    const paidAt = Math.max(this.#paidAt.get(client) ?? now, now);
    const wait = paidAt - this.#tolerance - now;
    if (wait > 0) return wait;
    this.#paidAt.delete(client);
    if (this.#paidAt.size >= MOST_CLIENTS) this.#forgetOldest();
    this.#paidAt.set(client, paidAt + this.#interval);
    return 0;
  }

  #forgetOldest(): void {
    for (const client of this.#paidAt.keys()) {
      this.#paidAt.delete(client);
      return;
    }
  }
}

function tooMany(wait: number): Reply {
  const headers = { "retry-after": String(Math.ceil(wait / 1000)) };
  return new Reply("Too Many Requests\n", { status: 429, headers });
}
