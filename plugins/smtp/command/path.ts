import { type Mailbox, parseDomain, parseMailbox } from "../../../services/mail/address.ts";

/** `<...>` as it stands in MAIL and RCPT, and what follows it. */
export interface Path {
  /** Null for `<>`. */
  readonly address: Mailbox | null;
  /** The parameters: nothing, or a space and more. */
  readonly rest: string;
}

/** RFC 5321, section 4.5.3.1.3, and a source route before it. */
const LONGEST = 1024;

/**
 * Reads a path (RFC 5321, section 4.1.2). A source route (`<@a,@b:c@d>`) is accepted and dropped, as section
 * 3.6.1 wants it. A mailbox without a domain is for the postmaster alone. Null when it is none.
 */
export function parsePath(text: string): Path | null {
  const end = endOfPath(text);
  if (end < 0 || end > LONGEST) return null;
  const rest = text.slice(end + 1);
  if (rest !== "" && !rest.startsWith(" ")) return null;
  let written = text.slice(1, end);
  if (written === "") return { address: null, rest };
  if (written.startsWith("@")) {
    const colon = written.indexOf(":");
    if (colon < 0 || !isRoute(written.slice(0, colon))) return null;
    written = written.slice(colon + 1);
  }
  if (/^postmaster$/i.test(written)) return { address: { local: "postmaster", domain: "" }, rest };
  const address = parseMailbox(written);
  return address === null ? null : { address, rest };
}

/** Where the `>` is that closes the path; one within quotes does not. */
function endOfPath(text: string): number {
  if (!text.startsWith("<")) return -1;
  if (!text.includes('"')) return text.indexOf(">");
  let quoted = false;
  for (let at = 1; at < text.length; at++) {
    const character = text[at];
    if (character === '"') quoted = !quoted;
    else if (quoted && character === "\\") at++;
    else if (!quoted && character === ">") return at;
  }
  return -1;
}

function isRoute(text: string): boolean {
  return text.split(",").every((hop) => hop.startsWith("@") && parseDomain(hop.slice(1)) !== null);
}
