/**
 * What etcd's HTTP/JSON gateway sends and takes, as far as it is used here: `api/etcdserverpb/rpc.proto` in JSON's
 * clothes. Keys and values are base64, 64-bit numbers are text, and what is zero or empty is left out.
 */

/** A key with its value and history. */
export interface KeyValue {
  readonly key: string;
  readonly value?: string;
  readonly create_revision: string;
  readonly mod_revision: string;
}

/** Which state an answer is of. */
export interface Header {
  readonly revision?: string;
}

export interface RangeResponse {
  readonly header: Header;
  readonly kvs?: readonly KeyValue[];
}

export interface TxnResponse {
  readonly header: Header;
  readonly succeeded?: boolean;
  readonly responses?: readonly { readonly response_range?: RangeResponse }[];
}

export interface GrantResponse {
  readonly ID: string;
  readonly TTL: string;
}

/** No TTL: the lease is no more. */
export interface KeepAliveResponse {
  readonly TTL?: string;
}

export interface WatchEvent {
  /** Absent: a put. */
  readonly type?: "DELETE";
  readonly kv: Pick<KeyValue, "key" | "mod_revision"> & Partial<KeyValue>;
}

export interface WatchResponse {
  readonly header: Header;
  readonly created?: boolean;
  readonly canceled?: boolean;
  readonly cancel_reason?: string;
  /** With `canceled`: what came before this revision is no more. */
  readonly compact_revision?: string;
  readonly events?: readonly WatchEvent[];
}

/** Text as a key or value. */
export function encode(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

/** The text of a key or value. */
export function decode(base64: string): string {
  return new TextDecoder().decode(Uint8Array.fromBase64(base64));
}

/** The end of the range of all keys that begin with `prefix`, which ends with "/". */
export function endOfPrefix(prefix: string): string {
  return `${prefix.slice(0, -1)}0`;
}
