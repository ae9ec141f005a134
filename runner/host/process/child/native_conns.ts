import process from "node:process";
import type { Address } from "../../../../services/reactor/address.ts";
import { plainHostname } from "../../../../services/reactor/raw/_address.ts";
import type { RawConn } from "../../../../services/reactor/raw.ts";
import { DenoRawConn } from "../../../../services/reactor/raw/deno_conn.ts";

/**
 * The handles beneath `node:net`, as `process.binding` gives them: a socket that was handed down by another process
 * can be had in no other form. Errors are negative numbers; 0 is success.
 */
export interface StreamHandle {
  /** Called when a connection waits; it is not called again before that was accepted. */
  onconnection: ((status: number) => void) | null;
  open(fd: number): number;
  listen(backlog: number): number;
  accept(into: StreamHandle): number;
  close(done?: () => void): void;
  bind(addressOrPath: string, port?: number): number;
  bind6(address: string, port: number, flags?: number): number;
  getsockname(into: { address?: string; port?: number }): number;
  getpeername(into: { address?: string; port?: number }): number;
  /** Take the stream out of the handle, as a resource of the runtime. */
  takeStream?(): number;
}

type HandleClass = new (type: number) => StreamHandle;

/** What a handle is made for. */
export const HANDLE = { socket: 0, server: 1 } as const;

/** The class of TCP or of UNIX socket handles. */
export function handleClass(kind: "tcp" | "unix"): HandleClass {
  const { binding } = process as unknown as { binding(name: string): Record<string, HandleClass> };
  return kind === "tcp" ? binding("tcp_wrap")["TCP"]! : binding("pipe_wrap")["Pipe"]!;
}

type ConnClass = new (resource: number, peer: Deno.NetAddr, host: Deno.NetAddr) => Deno.TcpConn;

let nativeConn: ConnClass | null = null;

/**
 * Learn how this runtime makes a `Deno.TcpConn`, from a connection to ourselves at `address`. A stream on it costs
 * what an accepted one does; on `node:net` a third more. Does nothing where it cannot be had.
 */
export async function learnNativeConns(address: string): Promise<void> {
  try {
    using listener = Deno.listen({ hostname: address, port: 0 });
    const [accepted, connected] = await Promise.all([
      listener.accept(),
      Deno.connect({ hostname: address, port: listener.addr.port }),
    ]);
    accepted.close();
    connected.close();
    nativeConn = accepted.constructor as unknown as ConnClass;
  } catch {
    // No such address here: `node:net` does as well, if not as fast.
  }
}

/** The connection in `handle`, made of the runtime's own stream; null when that is not to be had. */
export function nativeRawConn(handle: StreamHandle): RawConn | null {
  if (nativeConn === null || handle.takeStream === undefined) return null;
  const peer = addressOf((into) => handle.getpeername(into));
  const host = addressOf((into) => handle.getsockname(into));
  const conn = new nativeConn(handle.takeStream(), peer, host);
  return new DenoRawConn(conn, { peer: plain(peer), host: plain(host) });
}

function addressOf(get: (into: { address?: string; port?: number }) => number): Deno.NetAddr {
  const into: { address?: string; port?: number } = {};
  get(into);
  return { transport: "tcp", hostname: into.address ?? "", port: into.port ?? 0 };
}

function plain({ hostname, port }: Deno.NetAddr): Address {
  return { transport: "tcp", hostname: plainHostname(hostname), port };
}
