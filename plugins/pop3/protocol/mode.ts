import type { LineExchange } from "../../../services/mail/sasl/line_exchange.ts";

/** What is done with the octets that arrive, besides what every dialogue does. */
export type Pop3Mode =
  /** They are lines of a login. */
  { readonly kind: "login"; readonly login: LineExchange };
