/**
 * The key of this process's fingerprints. Fingerprints are shown in reports, and options may hold secrets
 * that are short enough to guess: without the key, a guess cannot be compared.
 */
const processKey = crypto.getRandomValues(new Uint8Array(32));

/**
 * Equal for equal values within one process, whatever the order of their keys; tells nothing of them.
 * For plain data: text, numbers, booleans, null, arrays, mappings.
 */
export async function fingerprint(
  value: unknown,
  key: Uint8Array<ArrayBuffer> = processKey,
): Promise<string> {
  const hmac = await (key === processKey ? (processHmac ??= importKey(key)) : importKey(key));
  const digest = await crypto.subtle.sign("HMAC", hmac, new TextEncoder().encode(canonical(value)));
  return new Uint8Array(digest).slice(0, 16).toHex();
}

/** `processKey`, once for all. */
let processHmac: Promise<CryptoKey> | null = null;

function importKey(key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

/** JSON with sorted keys; numbers that JSON has no words for keep theirs. */
function canonical(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(",")}}`;
}
