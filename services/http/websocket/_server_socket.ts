import { isSendable } from "./close_code.ts";

/** What a socket does to its connection. */
export interface SocketOutlet {
  readonly bufferedAmount: number;
  sendText(text: string): void;
  sendBinary(data: Uint8Array): void;
  close(code: number | undefined, reason: string): void;
  /** A listener threw. */
  listenerThrew(error: unknown): void;
}

type Listener = EventListenerOrEventListenerObject;
type Handler<E extends Event> = ((this: WebSocket, event: E) => unknown) | null;

const encoder = new TextEncoder();

/** The server's end of a WebSocket, as the standard has it for the client's. */
export class ServerWebSocket extends EventTarget implements WebSocket {
  /** See `WebSocket`. */
  readonly CONNECTING = 0;
  /** See `WebSocket`. */
  readonly OPEN = 1;
  /** See `WebSocket`. */
  readonly CLOSING = 2;
  /** See `WebSocket`. */
  readonly CLOSED = 3;
  readonly url: string;
  readonly protocol: string;
  readonly extensions = "";
  /** As on `Deno.upgradeWebSocket`'s sockets, not `"blob"`. */
  binaryType: BinaryType = "arraybuffer";
  onopen: Handler<Event> = null;
  onmessage: Handler<MessageEvent> = null;
  onclose: Handler<CloseEvent> = null;
  onerror: Handler<Event> = null;

  #readyState: 0 | 1 | 2 | 3 = 0;
  #outlet: SocketOutlet | null = null;
  /** Listeners by what guards them; absent while there are none, and events need not be dispatched. */
  #guards: Map<Listener, (event: Event) => void> | null = null;

  constructor(url: string, protocol: string) {
    super();
    this.url = url;
    this.protocol = protocol;
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return this.#readyState;
  }

  get bufferedAmount(): number {
    return this.#outlet?.bufferedAmount ?? 0;
  }

  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (this.#readyState === this.CONNECTING) {
      throw new DOMException("Cannot send: the WebSocket is not open yet", "InvalidStateError");
    }
    if (this.#readyState !== this.OPEN) return;
    const outlet = this.#outlet!;
    if (typeof data === "string") outlet.sendText(data);
    else if (ArrayBuffer.isView(data)) {
      outlet.sendBinary(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    } else if (data instanceof Blob) {
      data.bytes().then((bytes) => this.#readyState === this.OPEN && outlet.sendBinary(bytes));
    } else outlet.sendBinary(new Uint8Array(data));
  }

  close(code?: number, reason = ""): void {
    if (code !== undefined && code !== 1000 && (code < 3000 || !isSendable(code))) {
      throw new DOMException(
        `Cannot close: code must be 1000 or 3000-4999, not "${code}"`,
        "InvalidAccessError",
      );
    }
    if (encoder.encode(reason).length > 123) {
      throw new DOMException("Cannot close: reason must not be longer than 123 bytes", "SyntaxError");
    }
    if (this.#readyState >= this.CLOSING) return;
    this.#readyState = this.CLOSING;
    this.#outlet?.close(code, reason);
  }

  /** See `EventTarget`. What a listener throws closes the WebSocket with 1011. */
  override addEventListener(
    type: string,
    listener: Listener | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    if (listener === null) return;
    const guards = this.#guards ??= new Map();
    let guarded = guards.get(listener);
    if (guarded === undefined) {
      guarded = (event: Event) =>
        this.#guard(() =>
          typeof listener === "function" ? listener.call(this, event) : listener.handleEvent(event)
        );
      guards.set(listener, guarded);
    }
    super.addEventListener(type, guarded, options);
  }

  /** See `EventTarget`. */
  override removeEventListener(
    type: string,
    listener: Listener | null,
    options?: boolean | EventListenerOptions,
  ): void {
    const guarded = listener === null ? undefined : this.#guards?.get(listener);
    if (guarded !== undefined) super.removeEventListener(type, guarded, options);
  }

  // The connection's side

  opened(outlet: SocketOutlet): void {
    this.#outlet = outlet;
    const closing = this.#readyState === this.CLOSING;
    this.#readyState = this.OPEN;
    this.#fire(new Event("open"), this.onopen);
    if (closing) this.close();
  }

  received(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.#readyState !== this.OPEN) return;
    const value = typeof data === "string"
      ? data
      : this.binaryType === "blob"
      ? new Blob([data])
      : data.buffer;
    this.#fire(new MessageEvent("message", { data: value }), this.onmessage);
  }

  closing(): void {
    this.#readyState = this.CLOSING;
  }

  closed(code: number, reason: string, wasClean: boolean): void {
    if (this.#readyState === this.CLOSED) return;
    this.#readyState = this.CLOSED;
    if (!wasClean) this.#fire(new Event("error"), this.onerror);
    this.#fire(new CloseEvent("close", { code, reason, wasClean }), this.onclose);
  }

  #fire<E extends Event>(event: E, handler: Handler<E>): void {
    if (handler !== null) this.#guard(() => handler.call(this, event));
    if (this.#guards !== null) this.dispatchEvent(event);
  }

  #guard(call: () => unknown): void {
    try {
      call();
    } catch (error) {
      this.#outlet?.listenerThrew(error);
    }
  }
}
