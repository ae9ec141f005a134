import { createHash, timingSafeEqual } from "node:crypto";
import { isIpAddress } from "../../endpoint/ip_address.ts";
import type { HttpRequest } from "../request.ts";

/** Why a request is not answered, or null. */
export type Verdict = "wrongHost" | "otherSite" | "noSecret" | "wrongSecret" | null;

/**
 * Decides who may use a site of this machine. Without a secret everybody on this machine may, but no web page that
 * their browser shows: neither by a name that leads here (DNS rebinding) nor by a request of its own (CSRF).
 */
export class SiteGuard {
  readonly #secret: Uint8Array | null;

  /** @param secret a password or token; null: none is asked for */
  constructor(secret: string | null) {
    this.#secret = secret === null ? null : digest(secret);
  }

  /** Whether the request may pass. */
  judge(request: HttpRequest): Verdict {
    // A browser sends a secret only to the name for which it was told it: no other name gets any further.
    if (this.#secret === null && !isOurs(request.hostname)) return "wrongHost";
    if (!isSameSite(request)) return "otherSite";
    return this.#judgeSecret(request.header("authorization"));
  }

  /** As `Basic`, with any name, for browsers; as `Bearer` for programs. */
  #judgeSecret(authorization: string | null): Verdict {
    if (this.#secret === null) return null;
    const [, scheme, credentials] = /^(basic|bearer) +(\S{1,1000})$/i.exec(authorization ?? "") ?? [];
    if (scheme === undefined) return "noSecret";
    const given = scheme.toLowerCase() === "bearer" ? credentials! : passwordOf(credentials!);
    return given !== null && timingSafeEqual(digest(given), this.#secret) ? null : "wrongSecret";
  }
}

/** Names that nobody else can make lead here: addresses, and `localhost` (RFC 6761, section 6.3). */
function isOurs(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  return name === "" || name === "localhost" || name.endsWith(".localhost") || isIpAddress(name);
}

/** Whether no other site has made the browser send it, as far as browsers tell. Links that lead here are fine. */
function isSameSite(request: HttpRequest): boolean {
  const reads = request.method === "GET" || request.method === "HEAD";
  const origin = request.header("origin");
  if (origin !== null && hostOf(origin) !== request.header("host")?.toLowerCase()) return false;
  const site = request.header("sec-fetch-site");
  if (site === null || site === "same-origin" || site === "none") return true;
  return reads && request.header("sec-fetch-mode") === "navigate" && request.pathname === "/";
}

function hostOf(origin: string): string | null {
  return URL.parse(origin)?.host ?? null;
}

function passwordOf(credentials: string): string | null {
  try {
    const text = new TextDecoder().decode(Uint8Array.fromBase64(credentials));
    return text.slice(text.indexOf(":") + 1);
  } catch {
    return null;
  }
}

function digest(text: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(text).digest());
}
