import { FieldIndex } from "./_field_index.ts";
import type { Hosts } from "./_hosts.ts";
import { knownMethods, refusedMethods } from "./_methods.ts";
import type { PlatformBody } from "./_http2_body.ts";
import { HttpError } from "./http_error.ts";
import type { HttpLimits } from "./options.ts";
import { HttpRequest, type RequestOrigin } from "./request.ts";
import type { RequestHead } from "./request_head.ts";

/**
 * A request of the platform's server as one of ours, with the same guards as far as they can be had afterwards.
 * @throws {HttpError} saying why it is refused
 */
export function requestFrom(
  real: Request,
  body: PlatformBody | null,
  limits: HttpLimits,
  hosts: Hosts,
): HttpRequest {
  const head = headOf(real, limits, hosts);
  if ((body?.body.length ?? 0) > limits.maxBody) {
    throw new HttpError(413, `Body is longer than ${limits.maxBody} bytes`);
  }
  return new HttpRequest(head, new PlatformOrigin(real, head), body?.body ?? null);
}

/** Octets of body as announced; null where they are not. */
export function lengthOf(headers: Headers): number | null {
  const value = headers.get("content-length");
  return value !== null && /^[0-9]{1,15}$/.test(value) ? Number(value) : null;
}

class PlatformOrigin implements RequestOrigin {
  readonly fields: FieldIndex;
  readonly #real: Request;

  constructor(real: Request, head: RequestHead) {
    this.#real = real;
    this.fields = FieldIndex.of(head);
  }

  get defaultOrigin(): string {
    return "http://localhost";
  }

  abortSignal(): AbortSignal {
    return this.#real.signal;
  }
}

/** Authority and target: what the platform calls a URL need not be one, if the Host field was none. */
const urlParts = /^https?:\/\/([^/?#]*)([^#]*)$/i;

function headOf(real: Request, limits: HttpLimits, hosts: Hosts): RequestHead {
  const { method } = real;
  if (refusedMethods.has(method)) {
    throw new HttpError(405, `Method ${method} is not allowed`, {
      headers: { allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" },
    });
  }
  if (!knownMethods.has(method)) throw new HttpError(501, "Method is not known");
  const [, authority = "", rest = ""] = urlParts.exec(real.url) ?? [];
  const target = rest.startsWith("/") ? rest : `/${rest}`;
  if (target.length > limits.maxTarget) {
    throw new HttpError(414, `Request target is longer than ${limits.maxTarget} bytes`);
  }
  const named = real.headers.get("host");
  if (named !== null && named.toLowerCase() !== authority.toLowerCase()) {
    throw new HttpError(400, "Request target and Host field name different hosts");
  }
  const host = hosts.get(authority);
  if (host === null) throw new HttpError(400, "Host field names no host");
  return {
    method,
    target,
    plainTarget: false,
    minorVersion: 1,
    text: fieldsOf(real.headers, named === null ? authority : null, limits),
    fieldsAt: 0,
    host,
    contentLength: lengthOf(real.headers),
    chunked: false,
    keepAlive: true,
    expectsContinue: false,
  };
}

/** The fields as a head of HTTP/1.1 has them; `authority` as Host, where there is none (RFC 9113, section 8.3.1). */
function fieldsOf(headers: Headers, authority: string | null, limits: HttpLimits): string {
  let text = authority === null ? "" : `host: ${authority}\r\n`;
  let count = 0;
  headers.forEach((value, name) => {
    text += `${name}: ${value}\r\n`;
    count++;
  });
  if (count > limits.maxHeaders) throw new HttpError(431, `More than ${limits.maxHeaders} header fields`);
  if (text.length > limits.maxHead) throw new HttpError(431, `Head is longer than ${limits.maxHead} bytes`);
  return `${text}\r\n`;
}
