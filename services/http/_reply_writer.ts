import type { Transport } from "../reactor/transport.ts";
import { OutBuffer } from "./_out_buffer.ts";
import { ReplyHeads } from "./_reply_head.ts";
import { ReplyStream, type StreamBody } from "./_reply_stream.ts";
import { utf8Length } from "./_utf8.ts";
import type { Reply } from "./reply.ts";
import type { RequestHead } from "./request_head.ts";

/** How the end of a reply's body is told: not at all (204, 304), by `content-length`, by chunks, by the connection's end. */
export type BodyFraming = "none" | "length" | "chunked" | "close";

/** Strings longer than this are encoded before their length is known. */
const LONG_STRING = 4 * 1024;

const encoder = new TextEncoder();

/**
 * Writes the replies of a server, one after the other: `prepare` finds out how one is sent and whether it
 * can be, `write` sends it.
 */
export class ReplyWriter {
  readonly heads = new ReplyHeads();
  readonly out = new OutBuffer();

  #status = 200;
  #lines = "";
  #body: string | Uint8Array | StreamBody | null = null;
  #length: number | null = 0;
  #framing: BodyFraming = "none";

  /** How the reply that was prepared delimits its body. */
  get framing(): BodyFraming {
    return this.#framing;
  }

  /** Whether the reply that was prepared asks for the connection to be closed. */
  get close(): boolean {
    return this.#framing === "close" || this.heads.close;
  }

  /** Octets of its body, where that is known beforehand. */
  get length(): number | null {
    return this.#length;
  }

  /**
   * Find out how `reply` answers `request`. Nothing is sent.
   * @throws {TypeError} {@linkcode RangeError} saying why it cannot be sent
   */
  prepare(reply: Reply, request: RequestHead): void {
    const { status, body } = reply;
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new RangeError(`Cannot send a reply: status must be 200-599, not "${status}"`);
    }
    const { heads } = this;
    this.#status = status;
    this.#lines = heads.fields(reply.headers);
    if (typeof body === "string" && body !== "" && !heads.typed) {
      this.#lines += "content-type: text/plain;charset=UTF-8\r\n";
    }
    const withoutBody = request.method === "HEAD" || status === 204 || status === 304;
    this.#body = typeof body === "string" && body.length > LONG_STRING ? encoder.encode(body) : body;
    this.#frame(withoutBody, heads.length, request.minorVersion);
    if (withoutBody) {
      ReplyStream.drop(body);
      this.#body = null;
    }
  }

  /**
   * Send what was prepared, behind what the buffer holds for `transport`. Returns how many octets of body were sent, or the
   * body if that is a stream, which the caller has to send.
   */
  write(transport: Transport, connection: "close" | "keep-alive" | null): number | StreamBody {
    const { out } = this;
    const body = this.#body;
    this.#body = null;
    const head = this.#head(connection);
    if (body === null || body === "") {
      out.open(transport, head.length);
      this.#putHead(head);
      return 0;
    }
    if (typeof body === "string") {
      out.open(transport, head.length + this.#length!);
      this.#putHead(head);
      if (body.length === this.#length) out.ascii(body);
      else out.utf8(body);
      return this.#length!;
    }
    const bytes = body instanceof Uint8Array ? body : null;
    const together = bytes !== null && out.takes(bytes.length);
    out.open(transport, head.length + (together ? bytes.length : 0));
    this.#putHead(head);
    if (together) {
      out.bytes(bytes);
      return bytes.length;
    }
    out.flush();
    if (bytes === null) return body as StreamBody;
    transport.write(bytes);
    return bytes.length;
  }

  #frame(withoutBody: boolean, announced: number | null, minorVersion: 0 | 1): void {
    const body = this.#body;
    this.#framing = "length";
    if (this.#status === 204 || (this.#status === 304 && announced === null)) {
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

  #head(connection: "close" | "keep-alive" | null): string {
    let head = this.heads.prefix(this.#status) + this.#lines;
    if (connection !== null) {
      head += connection === "close" ? "connection: close\r\n" : "connection: keep-alive\r\n";
    }
    switch (this.#framing) {
      case "length":
        return `${head}content-length: ${this.#length}\r\n\r\n`;
      case "chunked":
        return `${head}transfer-encoding: chunked\r\n\r\n`;
      default:
        return `${head}\r\n`;
    }
  }

  #putHead(head: string): void {
    if (this.heads.ascii) this.out.ascii(head);
    else this.out.latin1(head);
  }
}
