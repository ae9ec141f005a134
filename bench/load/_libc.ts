/**
 * The few system calls that a load generator makes, straight from TypeScript: the generator shares the machine
 * with what it measures, and one that stood on the runtime's own sockets would cost as much as the server.
 */
const libc = Deno.dlopen("libc.so.6", {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  // Both return a `ssize_t`, whose lower half is all that is needed here, and costs no bigint.
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
}).symbols;

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const EPOLL_CTL_ADD = 1;

/** What epoll tells of a socket. */
export const Ready = { read: 0x001, write: 0x004, error: 0x008, hangUp: 0x010 } as const;
const EDGE_TRIGGERED = 0x80000000;

const ONE = new Uint8Array(new Int32Array([1]).buffer);

/** How a socket is made. */
export interface SocketKind {
  readonly datagram?: boolean;
  /** Do not wait for the connection to be made: it is when the socket is writable. */
  readonly background?: boolean;
}

/**
 * A socket connected to a port of this machine.
 * @throws {Error} when there is no descriptor left, or nobody listens
 */
export function connectSocket(
  port: number,
  { datagram = false, background = false }: SocketKind = {},
): number {
  const kind = (datagram ? SOCK_DGRAM : SOCK_STREAM) | (background ? SOCK_NONBLOCK : 0);
  const fd = libc.socket(AF_INET, kind, 0);
  if (fd < 0) throw new Error("Cannot open a socket: raise the limit of open files (ulimit -n)");
  if (!datagram) libc.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, ONE, ONE.length);
  const address = new DataView(new ArrayBuffer(16));
  address.setUint16(0, AF_INET, true);
  address.setUint16(2, port);
  address.setUint32(4, 0x7f000001);
  const status = libc.connect(fd, new Uint8Array(address.buffer), 16);
  if (status < 0 && !background) throw new Error(`Cannot connect to 127.0.0.1:${port}`);
  return fd;
}

export function closeSocket(fd: number): void {
  libc.close(fd);
}

/** Send some of `data`; returns how much, or -1 when there is no room. */
export function sendSome(fd: number, data: Uint8Array<ArrayBuffer>): number {
  return libc.send(fd, data, BigInt(data.length), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/** Receive what is there; returns how much, 0 at the peer's end, or -1 when there is nothing or the connection is lost. */
export function receiveSome(fd: number, into: Uint8Array<ArrayBuffer>): number {
  return libc.recv(fd, into, BigInt(into.length), MSG_DONTWAIT);
}

/** Waits for many sockets, edge-triggered: each change is told once. */
export class Poll {
  static readonly #MOST = 1024;
  /** The kernel packs the struct on this one architecture. */
  static readonly #STRIDE = Deno.build.arch === "x86_64" ? 12 : 16;

  readonly #fd = libc.epoll_create1(0);
  readonly #events = new Uint8Array(Poll.#MOST * Poll.#STRIDE);
  readonly #view = new DataView(this.#events.buffer);
  readonly #event = new Uint8Array(Poll.#STRIDE);

  /** `id` is told with each event of the socket. */
  add(fd: number, id: number): void {
    const view = new DataView(this.#event.buffer);
    view.setUint32(0, (Ready.read | Ready.write | EDGE_TRIGGERED) >>> 0, true);
    view.setUint32(Poll.#STRIDE - 8, id, true);
    libc.epoll_ctl(this.#fd, EPOLL_CTL_ADD, fd, this.#event);
  }

  /** Wait up to `ms`, and tell what has happened. */
  wait(ms: number, tell: (id: number, ready: number) => void): void {
    const count = libc.epoll_wait(this.#fd, this.#events, Poll.#MOST, ms);
    for (let i = 0; i < count; i++) {
      const at = i * Poll.#STRIDE;
      tell(this.#view.getUint32(at + Poll.#STRIDE - 8, true), this.#view.getUint32(at, true));
    }
  }
}
