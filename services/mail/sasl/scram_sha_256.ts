import { timingSafeEqual } from "node:crypto";
import { hmac, sha256 } from "../../auth/derive.ts";
import { decodeBase64, encodeBase64 } from "../../auth/base64.ts";
import type { ScramCredentials } from "../../auth/password.ts";
import { saslprep } from "../../auth/saslprep.ts";
import type { User, Users } from "../users.ts";
import { challenge, malformed, outcome, type SaslExchange, type SaslStep, textOf } from "./exchange.ts";

// RFC 5802, section 7. `p=` (channel binding) is not offered; `y` says that the client knows that.
const CLIENT_FIRST = /^([ny],(?:a=([^,]+))?,)(n=([^,]+),r=([!-+\--~]+))(?:,.*)?$/su;
const CLIENT_FINAL = /^(c=([A-Za-z0-9+/=]+),r=([!-+\--~]+)(?:,[^,]*)*),p=([A-Za-z0-9+/=]+)$/su;

type State =
  | { readonly name: "start" }
  | { readonly name: "proof"; readonly expected: Expected }
  | { readonly name: "acknowledge"; readonly user: User };

/** What the client's final message has to fit. */
interface Expected {
  readonly user: User | null;
  readonly credentials: ScramCredentials;
  readonly header: string;
  readonly nonce: string;
  /** The messages so far, joined as RFC 5802 says. */
  readonly messages: string;
}

/** SCRAM-SHA-256 (RFC 5802, RFC 7677): the password is never sent, and the server has to prove itself too. */
export class ScramSha256Exchange implements SaslExchange {
  readonly #users: Users;
  readonly #nonce: string;
  #state: State = { name: "start" };

  /** One login. `nonce` is the server's part: printable ASCII without commas, different each time. */
  constructor(users: Users, nonce: string = encodeBase64(crypto.getRandomValues(new Uint8Array(18)))) {
    this.#users = users;
    this.#nonce = nonce;
  }

  /** See {@linkcode SaslExchange.next}. */
  async next(response: Uint8Array | null): Promise<SaslStep> {
    if (response === null) return challenge("");
    const text = textOf(response);
    if (text === null) return malformed;
    switch (this.#state.name) {
      case "start":
        return await this.#start(text);
      case "proof":
        return this.#prove(text, this.#state.expected);
      case "acknowledge":
        return text === "" ? outcome(this.#state.user) : malformed;
    }
  }

  async #start(text: string): Promise<SaslStep> {
    const [, header, authorize, bare, written, clientNonce] = CLIENT_FIRST.exec(text) ?? [];
    const name = written === undefined ? null : unescapeName(written);
    if (name === null) return malformed;
    const { user, credentials } = await this.#users.scram(name);
    const allowed = authorize === undefined || this.#users.find(unescapeName(authorize) ?? "") === user;
    const nonce = `${clientNonce}${this.#nonce}`;
    const first = `r=${nonce},s=${encodeBase64(credentials.salt)},i=${credentials.iterations}`;
    this.#state = {
      name: "proof",
      expected: {
        user: allowed ? user : null,
        credentials,
        header: header!,
        nonce,
        messages: `${bare},${first}`,
      },
    };
    return challenge(first);
  }

  #prove(text: string, { user, credentials, header, nonce, messages }: Expected): SaslStep {
    const [, withoutProof, binding, givenNonce, written] = CLIENT_FINAL.exec(text) ?? [];
    const proof = written === undefined ? null : decodeBase64(written);
    if (proof === null || proof.length !== 32) return malformed;
    if (givenNonce !== nonce || binding !== encodeBase64(new TextEncoder().encode(header))) return malformed;
    const exchanged = `${messages},${withoutProof}`;
    const signature = hmac(credentials.storedKey, exchanged);
    const clientKey = proof.map((byte, index) => byte ^ signature[index]!);
    if (!timingSafeEqual(sha256(clientKey), credentials.storedKey) || user === null) return outcome(null);
    this.#state = { name: "acknowledge", user };
    return challenge(`v=${encodeBase64(hmac(credentials.serverKey, exchanged))}`);
  }
}

/** RFC 5802, section 5.1: `=2C` is a comma, `=3D` an equals sign; null for any other use of `=`. */
function unescapeName(written: string): string | null {
  if (/=(?!2C|3D)/.test(written)) return null;
  return saslprep(written.replaceAll("=2C", ",").replaceAll("=3D", "="));
}
