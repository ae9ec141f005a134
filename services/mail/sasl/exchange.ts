import type { User } from "../users.ts";

/** What the server says next in a login. */
export type SaslStep =
  /** The client has to answer this. */
  | { readonly kind: "challenge"; readonly data: Uint8Array }
  /** Logged in. */
  | { readonly kind: "success"; readonly user: User }
  /** Not logged in: what the client sent makes no sense, or the name or password is wrong. */
  | { readonly kind: "failure"; readonly reason: "malformed" | "credentials" };

/** The server's side of one login by some mechanism (RFC 4422), apart from how a protocol frames it. */
export interface SaslExchange {
  /**
   * What follows what the client has said; one call at a time.
   * @param response the client's; null at the start, when it has sent no initial response
   */
  next(response: Uint8Array | null): Promise<SaslStep>;
}

/** The client must answer `text`. */
export function challenge(text: string): SaslStep {
  return { kind: "challenge", data: new TextEncoder().encode(text) };
}

/** What the client said makes no sense. */
export const malformed: SaslStep = { kind: "failure", reason: "malformed" };

/** The user, or a wrong name or password. */
export function outcome(user: User | null): SaslStep {
  return user === null ? { kind: "failure", reason: "credentials" } : { kind: "success", user };
}

/** A response as text; null when it is not UTF-8. */
export function textOf(response: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(response);
  } catch {
    return null;
  }
}
