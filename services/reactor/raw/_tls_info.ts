import type { TLSSocket } from "node:tls";
import type { TlsInfo } from "../transport.ts";

/**
 * What the handshake of `socket` settled on. `askedForPeer`: whether the peer had to show a certificate; when
 * it had not, `node:tls` under Deno calls it authorized all the same.
 */
export function tlsInfo(socket: TLSSocket, askedForPeer: boolean): TlsInfo {
  // The types of Node know `servername` only as an option.
  const { servername } = socket as { servername?: string | false | null };
  const name = askedForPeer ? socket.getPeerCertificate()?.subject?.CN : undefined;
  return {
    version: socket.getProtocol() ?? "unknown",
    alpn: socket.alpnProtocol || null,
    serverName: servername || null,
    authorized: askedForPeer && socket.authorized,
    peerName: (Array.isArray(name) ? name[0] : name) ?? null,
  };
}
