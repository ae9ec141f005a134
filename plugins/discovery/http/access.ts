import { createHash, timingSafeEqual } from "node:crypto";
import { isIpAddress } from "../../../services/endpoint/ip_address.ts";
import { HttpError } from "../../../services/http/http_error.ts";
import type { HttpRequest } from "../../../services/http/request.ts";
import type { HttpApiOptions } from "./options.ts";

/** Decides who may use the API. */
export class Access {
  readonly #token: Uint8Array | null;
  readonly #hosts: ReadonlySet<string>;

  constructor({ token, hosts }: Pick<HttpApiOptions, "token" | "hosts">) {
    this.#token = token === undefined ? null : digest(`Bearer ${token}`);
    this.#hosts = new Set(["localhost", ...hosts.map((host) => host.toLowerCase())]);
  }

  /** @throws {HttpError} 401 or 403 */
  check(request: HttpRequest): void {
    // A page whose name was made to lead here (DNS rebinding) comes with that name.
    const host = request.hostname;
    if (!this.#hosts.has(host) && !isIpAddress(host.replace(/^\[|\]$/g, ""))) {
      throw new HttpError(403, 'Call this API by its address or "localhost", or name the host under "hosts"');
    }
    if (this.#token === null) return;
    const given = digest(request.header("authorization") ?? "");
    if (timingSafeEqual(given, this.#token)) return;
    throw new HttpError(401, "Send the token: authorization: Bearer ...", {
      headers: { "www-authenticate": 'Bearer realm="discovery"' },
    });
  }
}

/** Of one length whatever it is of, so that comparing tells nothing. */
function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
