import type { Transport } from "../reactor/transport.ts";
import { OutBuffer } from "./_out_buffer.ts";
import { ReplyHeads } from "./_reply_head.ts";
import type { StreamBody } from "./_reply_stream.ts";
import { utf8Length } from "./_utf8.ts";
import { dropBody, type Reply, type ReplyHeaders } from "./reply.ts";
import type { RequestHead } from "./request_head.ts";

/** How the end of a reply's body is told: not at all (204, 304), by `content-length`, by chunks, by the connection's end. */
export type BodyFraming = "none" | "length" | "chunked" | "close";

/** Strings longer than this are encoded before their length is known. */
const LONG_STRING = 4 * 1024;

const encoder = new TextEncoder();
const plainText = encoder.encode("content-type: text/plain;charset=UTF-8\r\n");

/**
 * Writes the replies of a server. `begin` writes the fields of one and finds out how it is to be sent, or why
 * it cannot be; then `finish` writes the rest.
 */
export class ReplyWriter {
  readonly out = new OutBuffer();
  readonly heads: ReplyHeads = new ReplyHeads(this.out);

  #body: string | Uint8Array | StreamBody | null = null;
  #framing: BodyFraming = "none";
  #length: number | null = 0;

  /** How the reply under way delimits its body. */
  get framing(): BodyFraming {
    return this.#framing;
  }

  /** Octets of its body, where that is known beforehand. */
  get length(): number | null {
    return this.#length;
  }

  /** Whether it needs the connection to be closed, or asks for that. */
  get close(): boolean {
    return this.#framing === "close" || this.heads.close;
  }

  /**
   * Begin `reply`, which answers `request`, behind what the buffer holds for `transport`.
   * @throws {TypeError} {@linkcode RangeError} saying why it cannot be sent; then nothing of it is
   */
  begin(transport: Transport, reply: Reply, request: RequestHead): void {
    const { status, body } = reply;
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new RangeError(`Cannot send a reply: status must be 200-599, not "${status}"`);
    }
    const { out, heads } = this;
    this.#beginHead(transport, status, reply.headers);
    if (typeof body === "string" && body !== "" && !heads.typed) {
      out.bytes(plainText);
    }
    const withoutBody = request.method === "HEAD" || status === 204 || status === 304;
    this.#body = typeof body === "string" && body.length > LONG_STRING ? encoder.encode(body) : body;
    this.#frame(status, withoutBody, request.minorVersion);
    if (withoutBody) {
      dropBody(body);
      this.#body = null;
    }
  }

  /**
   * Write the rest of the head, and the body. Returns how many octets of body these are, or the body itself
   * if it is a stream, which the caller has to send.
   */
  finish(transport: Transport, connection: "close" | "keep-alive" | null): number | StreamBody {
    const { out } = this;
    const body = this.#body;
    this.#body = null;
    this.#finishHead(connection);
    if (body === null) return 0;
    if (typeof body === "string") {
      out.utf8(body, this.#length!);
      return this.#length!;
    }
    if (body instanceof Uint8Array && out.takes(body.length)) {
      out.bytes(body);
      return body.length;
    }
    out.flush();
    if (!(body instanceof Uint8Array)) return body;
    transport.write(body);
    return body.length;
  }

  /**
   * Write the whole of a 101 reply.
   * @throws {TypeError} saying why it cannot be sent; then nothing of it is
   */
  switchProtocols(transport: Transport, headers: ReplyHeaders): void {
    this.#beginHead(transport, 101, headers);
    this.out.latin1("connection: upgrade\r\n\r\n");
    this.out.flush();
  }

  #beginHead(transport: Transport, status: number, headers: ReplyHeaders): void {
    this.out.open(transport);
    const before = this.out.size;
    try {
      this.heads.write(status, headers);
    } catch (error) {
      this.out.truncate(before);
      throw error;
    }
  }

  #frame(status: number, withoutBody: boolean, minorVersion: 0 | 1): void {
    const body = this.#body;
    const announced = this.heads.length;
    this.#framing = "length";
    if (status === 204 || (status === 304 && announced === null)) {
      this.#framing = "none";
      this.#length = 0;
    } else if (body === null) {
      this.#length = withoutBody ? announced ?? 0 : 0;
    } else if (typeof body === "string") {
      this.#length = utf8Length(body);
    } else if (body instanceof Uint8Array) {
      this.#length = body.length;
    } else {
      this.#length = announced;
      if (announced === null) this.#framing = minorVersion === 1 ? "chunked" : "close";
    }
  }

  #finishHead(connection: "close" | "keep-alive" | null): void {
    const { out } = this;
    if (connection !== null) {
      out.latin1(connection === "close" ? "connection: close\r\n" : "connection: keep-alive\r\n");
    }
    switch (this.#framing) {
      case "length":
        out.latin1("content-length: ");
        out.latin1(String(this.#length));
        out.latin1("\r\n\r\n");
        break;
      case "chunked":
        out.latin1("transfer-encoding: chunked\r\n\r\n");
        break;
      default:
        out.latin1("\r\n");
    }
  }
}
