import { createHash, createHmac, pbkdf2, scrypt } from "node:crypto";

/** What scrypt (RFC 7914) costs: `2 ** ln` steps over blocks of `r`, `p` times. */
export interface ScryptCost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

// Off the main thread, both: they are slow on purpose.

/** PBKDF2 (RFC 8018) with HMAC-SHA-256. */
export function derivePbkdf2(
  password: string,
  salt: Uint8Array,
  iterations: number,
  length = 32,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) =>
    pbkdf2(
      encoder.encode(password),
      salt,
      iterations,
      length,
      "sha256",
      (error, key) => error ? reject(error) : resolve(new Uint8Array(key)),
    )
  );
}

/** scrypt (RFC 7914). */
export function deriveScrypt(
  password: string,
  salt: Uint8Array,
  { ln, r, p }: ScryptCost,
  length = 32,
): Promise<Uint8Array> {
  const options = { N: 2 ** ln, r, p, maxmem: 256 * r * 2 ** ln };
  return new Promise((resolve, reject) =>
    scrypt(
      encoder.encode(password),
      salt,
      length,
      options,
      (error, key) => error ? reject(error) : resolve(new Uint8Array(key!)),
    )
  );
}

/** HMAC-SHA-256. */
export function hmac(key: Uint8Array, data: Uint8Array | string): Uint8Array {
  return new Uint8Array(createHmac("sha256", key).update(data).digest());
}

/** SHA-256. */
export function sha256(data: Uint8Array | string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(data).digest());
}

const encoder = new TextEncoder();
