import { createHash, timingSafeEqual } from "node:crypto";
import { derivePbkdf2, deriveScrypt, hmac, type ScryptCost, sha256 } from "./derive.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { saslprep } from "./saslprep.ts";

/** What a server has to know to let a user in by SCRAM-SHA-256 (RFC 5802, section 3), instead of the password. */
export interface ScramCredentials {
  /** Random, the user's own. */
  readonly salt: Uint8Array;
  /** Of PBKDF2. */
  readonly iterations: number;
  /** Tells whether the user knows the password. */
  readonly storedKey: Uint8Array;
  /** Proves to the user that the server knows it. */
  readonly serverKey: Uint8Array;
}

/** A user's password as it was written down. */
export type Password =
  | { readonly kind: "plain"; readonly text: string }
  | {
    readonly kind: "scrypt";
    readonly cost: ScryptCost;
    readonly salt: Uint8Array;
    readonly key: Uint8Array;
  }
  | { readonly kind: "scram"; readonly credentials: ScramCredentials };

/** A password that cannot be used: `Cannot read password: ...`. It never tells the password. */
export class PasswordError extends Error {
  /** `"PasswordError"`. */
  override readonly name = "PasswordError";
}

/** Iterations for passwords that stand in the open: RFC 7677 asks for 4096 at least. */
const ITERATIONS = 4096;
/** What a hash may cost the server: 1 GiB of memory is never meant. */
const MOST_LN = 20;
const MOST_ITERATIONS = 10_000_000;

const SCRYPT = /^\$scrypt\$ln=([0-9]{1,2}),r=([0-9]{1,2}),p=([0-9]{1,2})\$([^$]+)\$([^$]+)$/;
const PBKDF2 = /^\$pbkdf2-sha256\$(?:i=)?([0-9]{1,8})(?:,l=32)?\$([^$]+)\$([^$]+)$/;
const SCRAM = /^SCRAM-SHA-256\$([0-9]{1,8}):([^$:]+)\$([^$:]+):([^$:]+)$/;

/**
 * Reads a password as an application file has it: in the open, or one of the hashes
 * `$scrypt$ln=15,r=8,p=1$salt$key`, `$pbkdf2-sha256$i=600000$salt$key` (both in the PHC string format) and
 * `SCRAM-SHA-256$4096:salt$storedKey:serverKey` (RFC 5803, as PostgreSQL writes it). All but scrypt can be
 * used with SCRAM-SHA-256.
 *
 * @throws {PasswordError} for a hash that is malformed, and for a password that nobody could type
 */
export function parsePassword(text: string): Password {
  if (text.startsWith("$scrypt$")) return parseScrypt(text);
  if (text.startsWith("$pbkdf2")) return parsePbkdf2(text);
  if (text.startsWith("SCRAM-")) return parseScram(text);
  if (/^\$[a-z0-9-]+\$/.test(text)) {
    const scheme = text.split("$")[1];
    throw new PasswordError(
      `Cannot read password: its hash is of kind "${scheme}", use scrypt or pbkdf2-sha256`,
    );
  }
  const prepared = saslprep(text);
  if (prepared === null || prepared === "") {
    throw new PasswordError("Cannot read password: it is empty or has control characters");
  }
  return { kind: "plain", text: prepared };
}

/**
 * The hash of a password, for an application file: with PBKDF2, so that all of PLAIN, LOGIN and SCRAM-SHA-256
 * can be used. Takes some tenths of a second.
 *
 * @throws {PasswordError} for a password that nobody could type
 */
export async function hashPassword(password: string): Promise<string> {
  const iterations = 600_000;
  const prepared = saslprep(password);
  if (prepared === null || prepared === "") {
    throw new PasswordError("Cannot hash password: it is empty or has control characters");
  }
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const key = await derivePbkdf2(prepared, salt, iterations);
  return `$pbkdf2-sha256$i=${iterations}$${withoutPadding(salt)}$${withoutPadding(key)}`;
}

/** Whether `given` is the password, compared in a time that tells nothing of it. */
export async function verifyPassword(password: Password, given: string): Promise<boolean> {
  // What has no prepared form is no one's password; it takes as long as any other.
  const prepared = saslprep(given) ?? "";
  switch (password.kind) {
    case "plain":
      return timingSafeEqual(sha256(prepared), sha256(password.text));
    case "scrypt":
      return timingSafeEqual(await deriveScrypt(prepared, password.salt, password.cost), password.key);
    case "scram": {
      const { salt, iterations, storedKey } = password.credentials;
      const salted = await derivePbkdf2(prepared, salt, iterations);
      return timingSafeEqual(credentialsOf(salted, salt, iterations).storedKey, storedKey);
    }
  }
}

/** Whether `digest` is MD5 of `challenge` and the password, in lower-case hexadecimal; of a hashed one, it never is. */
export function verifyDigest(password: Password, challenge: string, digest: string): Promise<boolean> {
  const text = password.kind === "plain" ? password.text : "";
  const expected = createHash("md5").update(challenge + text).digest("hex");
  return Promise.resolve(password.kind === "plain" && timingSafeEqual(sha256(expected), sha256(digest)));
}

/** What SCRAM-SHA-256 needs of a password; null when it cannot be had, as of a scrypt hash. */
export async function scramCredentials(password: Password): Promise<ScramCredentials | null> {
  switch (password.kind) {
    case "plain": {
      const salt = crypto.getRandomValues(new Uint8Array(16));
      return credentialsOf(await derivePbkdf2(password.text, salt, ITERATIONS), salt, ITERATIONS);
    }
    case "scrypt":
      return null;
    case "scram":
      return password.credentials;
  }
}

/** Credentials for a name that nobody has, always the same for the same name: it must look like any other. */
export function decoyCredentials(secret: Uint8Array, name: string, iterations: number): ScramCredentials {
  const salt = hmac(secret, `salt ${name}`).subarray(0, 16);
  return credentialsOf(hmac(secret, `key ${name}`), salt, iterations);
}

function parseScrypt(text: string): Password {
  const [, ln, r, p, salt, key] = SCRYPT.exec(text) ?? [];
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  const sound = cost.ln >= 1 && cost.ln <= MOST_LN && cost.r >= 1 && cost.r <= 32 && cost.p >= 1 &&
    cost.p <= 16;
  if (!sound) throw malformed("$scrypt$ln=15,r=8,p=1$salt$key");
  return { kind: "scrypt", cost, salt: decode(salt!), key: decodeKey(key!) };
}

function parsePbkdf2(text: string): Password {
  const [, count, salt, key] = PBKDF2.exec(text) ?? [];
  const iterations = parseIterations(count, "$pbkdf2-sha256$i=600000$salt$key");
  const bytes = decode(salt!);
  return { kind: "scram", credentials: credentialsOf(decodeKey(key!), bytes, iterations) };
}

function parseScram(text: string): Password {
  const [, count, salt, storedKey, serverKey] = SCRAM.exec(text) ?? [];
  const iterations = parseIterations(count, "SCRAM-SHA-256$4096:salt$storedKey:serverKey");
  return {
    kind: "scram",
    credentials: {
      salt: decode(salt!),
      iterations,
      storedKey: decodeKey(storedKey!),
      serverKey: decodeKey(serverKey!),
    },
  };
}

function parseIterations(text: string | undefined, form: string): number {
  const iterations = Number(text);
  if (!(iterations >= 1 && iterations <= MOST_ITERATIONS)) throw malformed(form);
  return iterations;
}

/** `salted` is what PBKDF2 made of the password (RFC 5802, section 3: SaltedPassword). */
function credentialsOf(salted: Uint8Array, salt: Uint8Array, iterations: number): ScramCredentials {
  return {
    salt,
    iterations,
    storedKey: sha256(hmac(salted, "Client Key")),
    serverKey: hmac(salted, "Server Key"),
  };
}

/** Base64, with padding or without, and with `.` for `+` as passlib writes it. */
function decode(text: string): Uint8Array {
  const plain = text.replaceAll(".", "+").replace(/=+$/, "");
  const bytes = decodeBase64(plain.padEnd(Math.ceil(plain.length / 4) * 4, "="));
  if (bytes === null || bytes.length === 0) {
    throw new PasswordError("Cannot read password: its hash is not base64");
  }
  return bytes;
}

function decodeKey(text: string): Uint8Array {
  const key = decode(text);
  if (key.length !== 32) {
    throw new PasswordError(`Cannot read password: the key of its hash has ${key.length} bytes, not 32`);
  }
  return key;
}

function withoutPadding(bytes: Uint8Array): string {
  return encodeBase64(bytes).replace(/=+$/, "");
}

function malformed(form: string): PasswordError {
  return new PasswordError(`Cannot read password: its hash must have the form "${form}"`);
}
