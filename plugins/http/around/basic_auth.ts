import { randomBytes } from "node:crypto";
import { DeferredSemaphore } from "../../../services/async/deferred_semaphore.ts";
import { decodeBase64, encodeBase64 } from "../../../services/auth/base64.ts";
import { hmac } from "../../../services/auth/derive.ts";
import { parsePassword, type Password, verifyPassword } from "../../../services/auth/password.ts";
import type { HandlerResult } from "../../../services/http/handler.ts";
import { Reply } from "../../../services/http/reply.ts";
import type { RouteHandler } from "../route/route_kind.ts";

/** Who gets in. */
export interface BasicAuthOptions {
  /** What the browser says the password is for. */
  readonly realm: string;
  /** Passwords by user, in the open or hashed. */
  readonly users: Readonly<Record<string, string>>;
}

/** Passwords that may be checked at the same time: hashes are slow on purpose. */
const AT_ONCE = 2;
/** More that wait are guessing. */
const MOST_WAITING = 64;

const busy = new Reply("Service Unavailable\n", { status: 503, headers: { "retry-after": "1" } });

/**
 * Asks for a user's name and password (RFC 7617). Neither the answer nor how long it takes tells whether a name
 * exists. Who got in once is let in at once from then on.
 */
export function basicAuth(handler: RouteHandler, options: BasicAuthOptions): RouteHandler {
  const gate = new Gate(options.users);
  const realm = options.realm.replaceAll(/["\\]/g, "\\$&");
  const unauthorized = new Reply("Unauthorized\n", {
    status: 401,
    headers: { "www-authenticate": `Basic realm="${realm}", charset="UTF-8"` },
  });
  return (request, info, path) => {
    const field = request.header("authorization");
    if (field === null) return unauthorized;
    if (gate.knows(field)) return handler(request, info, path);
    if (gate.crowded) return busy;
    return gate.admits(field).then((admitted): HandlerResult | Promise<HandlerResult> =>
      admitted ? handler(request, info, path) : unauthorized
    );
  };
}

/** The name and password of an `authorization` field; null when it has another form. */
export function readCredentials(field: string): { user: string; password: string } | null {
  const encoded = /^basic +([A-Za-z0-9+/=]+) *$/i.exec(field)?.[1];
  const bytes = encoded === undefined ? null : decodeBase64(encoded);
  if (bytes === null) return null;
  const text = new TextDecoder().decode(bytes);
  const colon = text.indexOf(":");
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

class Gate {
  readonly #passwords: ReadonlyMap<string, Password>;
  /** Checked in place of the password of a name that nobody has. */
  readonly #decoy: Password;
  readonly #work = new DeferredSemaphore(AT_ONCE);
  /** Digests of the fields that were right, so that no password lies about in memory. */
  readonly #right = new Set<string>();
  readonly #secret = randomBytes(32);

  constructor(users: BasicAuthOptions["users"]) {
    this.#passwords = new Map(Object.entries(users).map(([name, text]) => [name, parsePassword(text)]));
    const passwords = [...this.#passwords.values()];
    this.#decoy = passwords.find(({ kind }) => kind !== "plain") ?? { kind: "plain", text: "" };
  }

  get crowded(): boolean {
    return this.#work.waiting >= MOST_WAITING;
  }

  knows(field: string): boolean {
    return this.#right.size > 0 && this.#right.has(this.#digest(field));
  }

  async admits(field: string): Promise<boolean> {
    const credentials = readCredentials(field);
    if (credentials === null) return false;
    const password = this.#passwords.get(credentials.user);
    const matches = await this.#work.run(() => verifyPassword(password ?? this.#decoy, credentials.password));
    if (password === undefined || !matches) return false;
    // One user may write the field in several ways, but not in many.
    if (this.#right.size >= 10 * this.#passwords.size) this.#right.clear();
    this.#right.add(this.#digest(field));
    return true;
  }

  #digest(field: string): string {
    return encodeBase64(hmac(this.#secret, field));
  }
}
