import type { Transport } from "../reactor/transport.ts";
import type { ServerCore } from "./_server_core.ts";
import type { RequestInfo } from "./handler.ts";
import type { UpgradeReply } from "./upgrade_reply.ts";

/** The connection that an exchange takes place on. */
export interface ExchangePlace {
  readonly transport: Transport;
  readonly server: ServerCore;
  readonly info: RequestInfo;
  readonly defaultOrigin: string;
  /** Somebody will flush what is written before this turn is over. */
  readonly flushes: boolean;
  /** The peer sends no more. */
  readonly peerEnded: boolean;
  /** No further request is read. */
  readonly last: boolean;
  /** From now on none is. */
  endRequests(): void;
  /** Another request may come. */
  exchangeOver(): void;
  /** Close, once what was written is sent. */
  close(): void;
  /** What comes from now on is `reply`'s protocol's. */
  upgradeTo(reply: UpgradeReply): void;
  /** Something happened at a time of its own: flush, and see what has come meanwhile. */
  goOn(): void;
  /** Hand over what has come of the body. */
  readBody(): void;
  /** The body is read more slowly than it comes. */
  holdBody(): void;
  /** It is read on. */
  resumeBody(): void;
}
