import { type CidrBlock, matches, parseCidr } from "../../../services/endpoint/cidr.ts";
import type { SmtpOptions } from "../options.ts";

/** Addresses that are local by their nature (RFC 4193, RFC 4291): a trusted block within them may be of any width. */
const LOCAL_IPV6 = ["fc00::/7", "fe80::/10"].map(parseCidr);
/** Bits that another trusted block must fix: who has more addresses than that has the Internet among them. */
const FEWEST_BITS = { 4: 8, 6: 16 } as const;

/** What is wrong with the options of the relay: above all, what would open it to strangers. */
export function checkRelay(
  { listen, relay, trusted, xclient, dkim, domains, verify }: SmtpOptions,
): { path: PropertyKey[]; message: string }[] {
  const problems: { path: PropertyKey[]; message: string }[] = [];
  const proxies = [listen].flat().flatMap((endpoint) => endpoint.kind === "haproxy" ? endpoint.trusted : [])
    .map(parseCidr);
  for (const [at, block] of trusted.entries()) {
    if (isTooWide(block)) {
      problems.push({
        path: ["trusted", at],
        message: "is a large part of the Internet: its mail would be passed on, whoever sends it",
      });
    }
    if (xclient.some((proxy) => overlap(proxy, block))) {
      problems.push({
        path: ["trusted", at],
        message: "has a proxy of xclient in it: what that does not tell who sent it would be passed on",
      });
    }
    if (proxies.some((proxy) => overlap(proxy, block))) {
      problems.push({
        path: ["trusted", at],
        message:
          "has a proxy of listen (haproxy:...) in it: what that does not tell who sent it would be passed on",
      });
    }
  }
  if (relay === undefined) {
    if (trusted.length > 0 && !verify) {
      problems.push({
        path: ["trusted"],
        message: "needs relay: as it is, nothing is passed on for anybody",
      });
    }
    if (dkim !== undefined) {
      problems.push({ path: ["dkim"], message: "needs relay: only outgoing mail is signed" });
    }
    return problems;
  }
  const { smarthost, login, tls, authorities } = relay;
  if (domains.includes("*")) {
    problems.push({
      path: ["relay"],
      message: 'never gets any mail, since domains "*" makes all of it ours',
    });
  }
  if (login !== undefined && smarthost === undefined) {
    problems.push({
      path: ["relay", "login"],
      message: "needs smarthost: a password is for one server alone",
    });
  } else if (login !== undefined && tls !== "required" && smarthost?.kind !== "tls") {
    problems.push({
      path: ["relay", "login"],
      message: "needs tls: required, or a smarthost tls:..., since anybody could ask for the password else",
    });
  }
  if (authorities !== undefined && tls !== "required") {
    problems.push({
      path: ["relay", "authorities"],
      message: "needs tls: required, else they are not asked",
    });
  }
  return problems;
}

function isTooWide(block: CidrBlock): boolean {
  const isLocal = LOCAL_IPV6.some((local) => matches(block.network, local) && bitsOf(block) >= bitsOf(local));
  return !isLocal && bitsOf(block) < (block.network.length === 1 ? FEWEST_BITS[4] : FEWEST_BITS[6]);
}

function bitsOf({ mask }: CidrBlock): number {
  return mask.reduce((sum, word) => sum + (word >>> 0).toString(2).replaceAll("0", "").length, 0);
}

function overlap(a: CidrBlock, b: CidrBlock): boolean {
  return a.network.length === b.network.length &&
    a.network.every((word, at) => ((word ^ b.network[at]!) & a.mask[at]! & b.mask[at]!) === 0);
}
