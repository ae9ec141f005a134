/** What a request is for: the checked and normalised content of a Host field. */
export interface Host {
  /** As `URL.hostname` has it: lower case, IPv6 in brackets. */
  readonly hostname: string;
  /** As `URL.origin` has it: `"http://example.org:8080"`. */
  readonly origin: string;
}

/** Names, IPv4 and bracketed IPv6, with a port or without; no user, nothing percent-encoded. */
const syntax = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;

/** Hosts remembered at once. */
const MOST = 1_000;
const LONGEST = 255 + ":65535".length;

/** The hosts that requests name, each parsed once. */
export class Hosts {
  readonly #scheme: "http" | "https";
  readonly #known = new Map<string, Host | null>();

  constructor(scheme: "http" | "https") {
    this.#scheme = scheme;
  }

  /** The host that `text` names; null when it names none. */
  get(text: string): Host | null {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const host = this.#parse(text);
    if (this.#known.size >= MOST) this.#known.clear();
    if (text.length <= LONGEST) this.#known.set(text, host);
    return host;
  }

  #parse(text: string): Host | null {
    if (text.length > LONGEST || !syntax.test(text)) return null;
    // What looks right may still be no host: "1.2.3", "[:::]", "xn--a", port 65536.
    const url = URL.parse(`${this.#scheme}://${text}/`);
    return url === null ? null : { hostname: url.hostname, origin: url.origin };
  }
}
