/** The errno name of a system error (`"EADDRINUSE"`), as Deno and Node both give it, or `""`. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}

/** The system's own words, in lower case and without their number: `"connection refused"`. */
export function systemWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const words = message.replace(/ \(os error \d+\)$/, "").replace(/^\w+ E[A-Z]+:? /, "");
  return /^[A-Z][a-z]/.test(words) ? words[0]!.toLowerCase() + words.slice(1) : words;
}

const UNTRUSTED = "certificate is not signed by an authority that is trusted; name that one in authorities";

/** What the system and TLS call by a code, in the words that say what to do. */
const WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "certificate has expired",
  CERT_NOT_YET_VALID: "certificate is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  EADDRNOTAVAIL: "address not available; no interface of this machine has it",
  EAFNOSUPPORT: "address family not supported; IPv6 may be off on this machine",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by the peer",
  EHOSTUNREACH: "no route to the host",
  EMFILE: "too many open files; raise the limit of this process (ulimit -n)",
  ENETUNREACH: "network unreachable",
  ENFILE: "too many open files on this machine",
  ENOTFOUND: "host name not found",
  EAI_AGAIN: "host name cannot be looked up for now; is the name server reachable",
  ERR_SSL_WRONG_VERSION_NUMBER: "the peer does not speak TLS",
  ETIMEDOUT: "no answer",
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
};

/** What went wrong, for the end of a message: no capital, no full stop. */
export function describeSystemError(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) return "not permitted; grant it with Deno's --allow-net";
  return WORDS[errorCode(error)] ?? systemWords(error);
}
