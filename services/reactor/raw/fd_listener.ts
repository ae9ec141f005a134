import { createServer, type Server, type Socket } from "node:net";
import type { FdEndpoint } from "../../endpoint/endpoint.ts";
import type { Address } from "../address.ts";
import type { RawConn, RawListener } from "../raw.ts";
import { AcceptQueue } from "./_accept_queue.ts";
import { plainHostname } from "./_address.ts";
import { cannotListen } from "./_listen_error.ts";
import { errorCode, systemWords } from "./_system_error.ts";
import { NodeRawConn } from "./node_conn.ts";

/** Connections that wait for `accept`; more are reset. `node:net` has taken them from the kernel already. */
const MAX_WAITING = 1024;

/**
 * Listen on a socket that the parent process opened.
 * @throws {CannotListenError} naming the endpoint, the cause and what to do
 */
export function listenFd({ fd }: FdEndpoint): Promise<RawListener> {
  return listenDescriptor(fd, `fd:${fd}`);
}

/**
 * As {@linkcode listenFd}: `name` is the endpoint in error messages. `Deno.listen` ignores a descriptor that it
 * is given and binds a port of its own choice; `node:net` does as it is told.
 */
export async function listenDescriptor(fd: number, name: string): Promise<RawListener> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ fd }, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } catch (error) {
    throw cannotListen(name, describe(error, fd), error);
  }
  return new NodeRawListener(server, hostOf(server, fd));
}

/** A server of `node:net` that listens already, as a {@linkcode RawListener}. */
class NodeRawListener implements RawListener {
  readonly host: Address;
  #server: Server;
  #queue: AcceptQueue<RawConn> = new AcceptQueue((conn) => conn.close());

  constructor(server: Server, host: Address) {
    this.host = host;
    this.#server = server;
    server.on("connection", (socket) => this.#arrived(socket));
    server.on("error", () => {}); // One connection that could not be accepted; the listener is well.
  }

  accept(): Promise<RawConn> {
    return this.#queue.take();
  }

  close(): void {
    if (this.#server.listening) this.#server.close();
    this.#queue.close();
  }

  #arrived(socket: Socket): void {
    if (this.#queue.size >= MAX_WAITING) {
      socket.on("error", () => {});
      socket.destroy();
      return;
    }
    const unix = this.host.transport === "unix";
    const known = unix ? { host: this.host, peer: { transport: "unix", path: "" } as const } : {};
    this.#queue.put(new NodeRawConn(socket, known));
  }
}

function hostOf(server: Server, fd: number): Address {
  const address = server.address();
  if (address === null || typeof address === "string") {
    return { transport: "unix", path: address ?? unixPathOf(fd) };
  }
  return { transport: "tcp", hostname: plainHostname(address.address), port: address.port };
}

/** Where the UNIX socket `fd` is bound, which Linux tells in /proc; elsewhere `""`. */
function unixPathOf(fd: number): string {
  try {
    const inode = /^socket:\[(\d+)\]$/.exec(Deno.readLinkSync(`/proc/self/fd/${fd}`))?.[1];
    for (const line of Deno.readTextFileSync("/proc/self/net/unix").split("\n")) {
      const [, , , , , , lineInode, ...path] = line.trim().split(" ");
      if (inode !== undefined && lineInode === inode) return path.join(" ");
    }
  } catch {
    // No such files, or no permission to read them: the name is a courtesy.
  }
  return "";
}

function describe(error: unknown, fd: number): string {
  const code = errorCode(error);
  if (code === "EBADF" || code === "EINVAL" || code === "ENOTSOCK") {
    return `descriptor ${fd} is no stream socket; the parent process must open one and leave it to this one`;
  }
  return systemWords(error);
}
