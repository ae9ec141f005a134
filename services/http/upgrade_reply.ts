import type { Protocol } from "../protocol/protocol.ts";
import { Reply, type ReplyHeaders } from "./reply.ts";

/**
 * Status 101: after it the connection speaks another protocol (RFC 9110, section 7.8). `protocol` is then
 * connected, and given what comes; chunks are lent to it (see `Protocol.borrowsData`), whatever it says.
 */
export class UpgradeReply extends Reply {
  /** What the connection speaks from now on. */
  readonly protocol: Protocol;

  /** `headers` name the new protocol in `upgrade`. */
  constructor(headers: ReplyHeaders, protocol: Protocol) {
    super(null, { headers });
    this.protocol = protocol;
  }
}
