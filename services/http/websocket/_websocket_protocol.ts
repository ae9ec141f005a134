import type { DelayedCall } from "../../async/time.ts";
import { Protocol } from "../../protocol/protocol.ts";
import { formatAddress } from "../../reactor/address.ts";
import type { Transport } from "../../reactor/transport.ts";
import { callSite } from "../_call_site.ts";
import type { ServerCore } from "../_server_core.ts";
import type { OutBuffer } from "../_out_buffer.ts";
import { utf8Length } from "../_utf8.ts";
import { FrameError, type FrameListener, FrameReader } from "./_frame_reader.ts";
import { Opcode } from "./_opcode.ts";
import type { ServerWebSocket, SocketOutlet } from "./_server_socket.ts";
import { CloseCode, isSendable } from "./close_code.ts";
import type { UpgradeOptions } from "./upgrade.ts";

/** How long the peer may take to answer a close, ms. */
const CLOSE_TIMEOUT = 5_000;

/** Of a server's frame, octets. */
const LONGEST_HEAD = 10;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** `open -> closing` (a close was sent) `-> closed`. */
type Phase = "open" | "closing" | "closed";

/** RFC 6455 on a connection, between its frames and a `WebSocket`. */
export class WebSocketProtocol extends Protocol implements FrameListener, SocketOutlet {
  override readonly borrowsData = true;

  readonly #socket: ServerWebSocket;
  readonly #server: ServerCore;
  readonly #reader: FrameReader;
  readonly #pingInterval: number;
  #phase: Phase = "open";
  #timer: DelayedCall | null = null;
  /** `bytesRead` when the last ping was sent. */
  #readAtPing = -1;
  /** What the close event will tell. */
  #closed: { code: number; reason: string; clean: boolean } = {
    code: CloseCode.Abnormal,
    reason: "",
    clean: false,
  };

  constructor(socket: ServerWebSocket, options: UpgradeOptions, server: ServerCore) {
    super();
    this.#socket = socket;
    this.#server = server;
    this.#reader = new FrameReader(this, options.maxMessage ?? 1024 * 1024);
    this.#pingInterval = options.pingInterval ?? 30_000;
  }

  // Protocol

  override makeConnection(transport: Transport): void {
    this.transport = transport;
    if (this.#pingInterval > 0) this.#timer = this.#server.reactor.callLater(this.#pingInterval, this.#ping);
    this.#socket.opened(this);
  }

  override dataReceived(chunk: Uint8Array): void {
    if (this.#phase === "closed") return;
    try {
      this.#reader.read(chunk);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#fail(error.code, error.message);
    }
  }

  override readConnectionLost(): void {
    this.#end();
  }

  override drainRequested(): void {
    this.#startClose(CloseCode.GoingAway, "Server is stopping");
  }

  override connectionLost(): void {
    this.#phase = "closed";
    this.#timer?.cancel();
    const { code, reason, clean } = this.#closed;
    this.#socket.closed(code, reason, clean);
  }

  // FrameListener

  messageReceived(
    opcode: typeof Opcode.Text | typeof Opcode.Binary,
    payload: Uint8Array<ArrayBuffer>,
  ): boolean {
    if (opcode === Opcode.Binary) {
      this.#socket.received(payload);
    } else {
      const text = textOf(payload);
      if (text === null) throw new FrameError(CloseCode.InvalidPayload, "Text is not UTF-8");
      this.#socket.received(text);
    }
    return this.#phase !== "closed";
  }

  controlReceived(opcode: number, payload: Uint8Array<ArrayBuffer>): boolean {
    switch (opcode) {
      case Opcode.Ping:
        if (this.#phase === "open") this.#sendFrame(Opcode.Pong, payload);
        return true;
      case Opcode.Close:
        this.#closeReceived(payload);
        return false;
      default:
        return true;
    }
  }

  // SocketOutlet

  get bufferedAmount(): number {
    return this.transport.bufferedBytes;
  }

  sendText(text: string): void {
    const { out } = this.#server.writer;
    const size = utf8Length(text);
    if (!out.takes(size + LONGEST_HEAD)) return this.#sendFrame(Opcode.Text, encoder.encode(text));
    out.open(this.transport);
    writeFrameHead(out, Opcode.Text, size);
    out.utf8(text, size);
    out.flush();
  }

  sendBinary(data: Uint8Array): void {
    this.#sendFrame(Opcode.Binary, data);
  }

  close(code: number | undefined, reason: string): void {
    this.#startClose(code ?? null, reason);
  }

  listenerThrew(error: unknown): void {
    this.#server.counters.handlerErrors++;
    this.#server.log.error("WebSocket listener failed: the WebSocket is closed", {
      peer: formatAddress(this.transport.peer),
      at: callSite(error),
      error,
    });
    this.#startClose(CloseCode.InternalError, "");
  }

  // Closing

  #startClose(code: number | null, reason: string): void {
    if (this.#phase !== "open") return;
    this.#phase = "closing";
    this.#socket.closing();
    this.#sendFrame(Opcode.Close, closePayload(code, reason));
    this.#timer?.cancel();
    this.#timer = this.#server.reactor.callLater(CLOSE_TIMEOUT, () => {
      this.#end();
    });
  }

  #closeReceived(payload: Uint8Array): void {
    if (payload.length === 1) return this.#fail(CloseCode.ProtocolError, "A close has half a code");
    const code = payload.length === 0 ? CloseCode.NoStatus : (payload[0]! << 8) | payload[1]!;
    const reason = textOf(payload.subarray(2));
    if (payload.length > 0 && !isSendable(code)) {
      return this.#fail(CloseCode.ProtocolError, "A close has no valid code");
    }
    if (reason === null) return this.#fail(CloseCode.InvalidPayload, "A close's reason is not UTF-8");
    this.#closed = { code, reason, clean: true };
    if (this.#phase === "open") this.#sendFrame(Opcode.Close, payload.subarray(0, 2));
    this.#end();
  }

  /** The peer broke the rules: say so, and listen no more. */
  #fail(code: number, reason: string): void {
    if (this.#phase === "open") this.#sendFrame(Opcode.Close, closePayload(code, reason));
    this.#closed = { code, reason, clean: false };
    this.transport.pauseProducing();
    this.#end();
  }

  #end(): void {
    this.#phase = "closed";
    this.#timer?.cancel();
    this.#socket.closing();
    this.transport.loseConnection();
  }

  readonly #ping = (): void => {
    if (this.transport.bytesRead === this.#readAtPing) {
      return this.transport.abortConnection("WebSocket peer does not answer");
    }
    this.#readAtPing = this.transport.bytesRead;
    this.#sendFrame(Opcode.Ping, new Uint8Array(0));
    this.#timer = this.#server.reactor.callLater(this.#pingInterval, this.#ping);
  };

  #sendFrame(opcode: number, payload: Uint8Array): void {
    const { out } = this.#server.writer;
    const together = out.takes(payload.length + LONGEST_HEAD);
    out.open(this.transport);
    writeFrameHead(out, opcode, payload.length);
    if (together) out.bytes(payload);
    out.flush();
    // A copy: the caller may go on using its bytes.
    if (!together) this.transport.write(payload.slice());
  }
}

function textOf(payload: Uint8Array): string | null {
  try {
    return decoder.decode(payload);
  } catch {
    return null;
  }
}

function closePayload(code: number | null, reason: string): Uint8Array {
  if (code === null) return new Uint8Array(0);
  const text = encoder.encode(reason);
  const payload = new Uint8Array(2 + text.length);
  payload[0] = code >> 8;
  payload[1] = code & 0xff;
  payload.set(text, 2);
  return payload;
}

/** The head of a server's unfragmented frame (RFC 6455, section 5.2). */
function writeFrameHead(out: OutBuffer, opcode: number, size: number): void {
  out.octet(0x80 | opcode);
  if (size < 126) return out.octet(size);
  const octets = size < 0x10000 ? 2 : 8;
  out.octet(octets === 2 ? 126 : 127);
  for (let place = octets - 1; place >= 0; place--) out.octet(Math.floor(size / 2 ** (8 * place)) & 0xff);
}
