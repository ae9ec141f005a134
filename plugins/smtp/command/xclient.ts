import { isIpAddress } from "../../../services/endpoint/ip_address.ts";
import type { XclientFacts } from "./command.ts";
import { decodeXtext } from "./xtext.ts";

/** What a proxy may tell (https://www.postfix.org/XCLIENT_README.html), and we make use of. */
export const xclientAttributes = "NAME ADDR PORT PROTO HELO LOGIN";

/** Reads the attributes of XCLIENT; null when they make no sense. */
export function parseXclient(text: string): XclientFacts | null {
  const facts: { -readonly [K in keyof XclientFacts]: XclientFacts[K] } = {};
  const words = text.split(" ").filter((word) => word !== "");
  for (const word of words) {
    const equals = word.indexOf("=");
    const value = decodeXtext(word.slice(equals + 1));
    if (equals < 1 || value === null) return null;
    const known = value === "[UNAVAILABLE]" || value === "[TEMPUNAVAIL]" ? null : value;
    switch (word.slice(0, equals).toUpperCase()) {
      case "NAME":
        facts.name = known;
        break;
      case "ADDR": {
        const address = known?.replace(/^IPV6:/i, "") ?? null;
        if (address !== null && !isIpAddress(address)) return null;
        facts.address = address;
        break;
      }
      case "PORT":
        if (known !== null && !(/^[0-9]{1,5}$/.test(known) && Number(known) <= 65535)) return null;
        facts.port = known === null ? null : Number(known);
        break;
      case "PROTO":
        if (known !== null && !/^E?SMTP$/i.test(known)) return null;
        break;
      case "HELO":
        facts.helo = known;
        break;
      case "LOGIN":
        facts.login = known;
        break;
      default:
        return null;
    }
  }
  return words.length > 0 ? facts : null;
}
