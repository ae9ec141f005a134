import { type CidrBlock, matchesAny } from "../../../services/endpoint/cidr.ts";
import { Reply } from "../../../services/http/reply.ts";
import type { Address } from "../../../services/reactor/address.ts";
import type { RouteHandler } from "../route/route_kind.ts";

const forbidden = new Reply("Forbidden\n", { status: 403 });
/** Addresses whose verdict is remembered. */
const MOST_KNOWN = 10_000;

/** Whose requests are answered: none of `deny`; of `allow`, where there is such a list. */
export interface AddressRules {
  readonly allow: readonly CidrBlock[] | null;
  readonly deny: readonly CidrBlock[];
}

/** Answers others with 403. A client that comes by a UNIX socket has no address, and is on no list. */
export function allowAddresses(handler: RouteHandler, rules: AddressRules): RouteHandler {
  const verdicts = new Map<string, boolean>();
  return (request, info, path) => {
    const key = hostOf(info.peer);
    let allowed = verdicts.get(key);
    if (allowed === undefined) {
      allowed = isAllowed(key, rules);
      if (verdicts.size >= MOST_KNOWN) verdicts.clear();
      verdicts.set(key, allowed);
    }
    return allowed ? handler(request, info, path) : forbidden;
  };
}

function isAllowed(host: string, { allow, deny }: AddressRules): boolean {
  return !matchesAny(host, deny) && (allow === null || matchesAny(host, allow));
}

function hostOf(peer: Address): string {
  return "hostname" in peer ? peer.hostname : "";
}
