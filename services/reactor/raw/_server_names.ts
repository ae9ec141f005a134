/** One of several certificates, by the names that it is for. */
export class ServerNames<Identity> {
  readonly #exact = new Map<string, Identity>();
  /** By what follows `*.`. */
  readonly #wildcards = new Map<string, Identity>();

  /** `name` is a DNS name or, with `*` for its first label, all names of a domain. Who comes first keeps it. */
  add(name: string, identity: Identity): void {
    const lower = name.toLowerCase();
    const [names, key] = lower.startsWith("*.") ? [this.#wildcards, lower.slice(2)] : [this.#exact, lower];
    if (!names.has(key)) names.set(key, identity);
  }

  /** Whose certificate is for `name`; a wildcard stands for one label (RFC 9525, section 6.3). */
  find(name: string): Identity | undefined {
    const lower = name.toLowerCase();
    return this.#exact.get(lower) ?? this.#wildcards.get(lower.slice(lower.indexOf(".") + 1));
  }
}

/** The DNS names in a certificate, from what `X509Certificate.subjectAltName` gives. */
export function dnsNames(subjectAltName: string | undefined): string[] {
  const entries = subjectAltName?.split(", ") ?? [];
  return entries
    .filter((entry) => /^DNS:[0-9A-Za-z.*_-]+$/.test(entry))
    .map((entry) => entry.slice("DNS:".length));
}
