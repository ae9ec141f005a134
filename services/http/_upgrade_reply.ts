import type { Protocol } from "../protocol/protocol.ts";
import { Reply, type ReplyHeaders } from "./reply.ts";

/** A reply after which the connection speaks another protocol. */
export class UpgradeReply extends Reply {
  /** What it speaks. */
  readonly protocol: Protocol;

  constructor(headers: ReplyHeaders, protocol: Protocol) {
    super(null, { headers });
    this.protocol = protocol;
  }
}
