import { DeferredSemaphore } from "../async/deferred_semaphore.ts";
import {
  decoyCredentials,
  parsePassword,
  type Password,
  type ScramCredentials,
  scramCredentials,
  verifyDigest,
  verifyPassword,
} from "../auth/password.ts";
import { saslprep } from "../auth/saslprep.ts";

/** A user as an application file has it. */
export interface UserOptions {
  /** `alice`, for that local part in every local domain, or `alice@example.org`. Upper and lower case are one. */
  readonly name: string;
  /** In the open (from `${file:...}`, best), or hashed: see `parsePassword`. */
  readonly password: string;
}

/** Somebody who may log in, and has a mailbox. */
export interface User {
  /** In lower case; also the name of the mailbox. */
  readonly name: string;
}

/** Logins that may cost a lot of work at the same time; the others wait. */
const AT_ONCE = 2;

/**
 * Those who may log in. Neither the answer nor how long it takes tells whether a name exists.
 */
export class Users {
  readonly #known = new Map<string, { readonly user: User; readonly password: Password }>();
  readonly #scram = new Map<string, Promise<ScramCredentials | null>>();
  readonly #work = new DeferredSemaphore(AT_ONCE);
  /** Stands in for the password of a name that nobody has. */
  readonly #decoy: Password;
  readonly #secret = crypto.getRandomValues(new Uint8Array(32));

  /**
   * @throws {PasswordError} for a hash that cannot be read
   * @throws {Error} when two users have one name
   */
  constructor(users: readonly UserOptions[]) {
    for (const { name: written, password } of users) {
      const name = canonicalName(written);
      if (this.#known.has(name)) throw new Error(`Cannot add user "${name}": there are two of that name`);
      this.#known.set(name, { user: { name }, password: parsePassword(password) });
    }
    const passwords = [...this.#known.values()].map(({ password }) => password);
    this.#decoy = passwords.find(({ kind }) => kind !== "plain") ?? { kind: "plain", text: "" };
  }

  /** How many there are. */
  get size(): number {
    return this.#known.size;
  }

  /** Whether all of them could log in by SCRAM-SHA-256. */
  get supportScram(): boolean {
    return [...this.#known.values()].every(({ password }) => password.kind !== "scrypt");
  }

  /** The user of that name, or null. */
  find(name: string): User | null {
    return this.#known.get(canonicalName(name))?.user ?? null;
  }

  /** The user, if that is the password; else null. */
  async verify(name: string, password: string): Promise<User | null> {
    const known = this.#known.get(canonicalName(name));
    const right = await this.#work.run(() => verifyPassword(known?.password ?? this.#decoy, password));
    return known !== undefined && right && password !== "" ? known.user : null;
  }

  /**
   * The user, if `digest` is MD5 of `challenge` and their password, in lower-case hexadecimal (RFC 1939, APOP); else
   * null. Works for passwords in the open alone.
   */
  async verifyDigest(name: string, challenge: string, digest: string): Promise<User | null> {
    const known = this.#known.get(canonicalName(name));
    const right = await this.#work.run(() => verifyDigest(known?.password ?? this.#decoy, challenge, digest));
    return known !== undefined && right ? known.user : null;
  }

  /** What SCRAM-SHA-256 needs; for a name that nobody has, something that cannot be told from it. */
  async scram(name: string): Promise<{ readonly user: User | null; readonly credentials: ScramCredentials }> {
    const canonical = canonicalName(name);
    const known = this.#known.get(canonical);
    const credentials = known === undefined ? null : await this.#scramOf(canonical, known.password);
    if (known !== undefined && credentials !== null) return { user: known.user, credentials };
    return { user: null, credentials: decoyCredentials(this.#secret, canonical, this.#decoyIterations()) };
  }

  #scramOf(name: string, password: Password): Promise<ScramCredentials | null> {
    let credentials = this.#scram.get(name);
    if (credentials === undefined) {
      credentials = this.#work.run(() => scramCredentials(password));
      this.#scram.set(name, credentials);
    }
    return credentials;
  }

  #decoyIterations(): number {
    return this.#decoy.kind === "scram" ? this.#decoy.credentials.iterations : 4096;
  }
}

function canonicalName(name: string): string {
  return (saslprep(name) ?? name).toLowerCase();
}
