import { canonicalDomain } from "../../../services/mail/address.ts";
import type { Exchanger } from "./mail_resolver.ts";

/** Who is to be asked to take mail for a domain. */
export type ChosenExchangers =
  /** These hosts, one after the other. */
  | { readonly kind: "hosts"; readonly hosts: readonly string[] }
  /** Nobody: the domain takes no mail (RFC 7505). */
  | { readonly kind: "none" }
  /** We ourselves, though the domain is none of ours: it would come back for ever. */
  | { readonly kind: "loop" };

/** Hosts that are tried in one attempt. */
const MOST_HOSTS = 8;

/**
 * RFC 5321, section 5.1: the lowest preference first, those that are equal in a random order; the domain itself
 * where it has no MX. When we are among them, those that are not better than us lead back to us.
 *
 * @param random in [0, 1)
 */
export function chooseExchangers(
  domain: string,
  found: readonly Exchanger[],
  ours: string,
  random: () => number,
): ChosenExchangers {
  if (found.length === 0) return { kind: "hosts", hosts: [domain] };
  const named = found.filter(({ host }) => host !== "");
  if (named.length === 0) return { kind: "none" };
  const own = named.filter(({ host }) => canonicalDomain(host) === canonicalDomain(ours));
  const limit = Math.min(...own.map(({ preference }) => preference));
  const better = named.filter(({ preference }) => preference < limit);
  if (better.length === 0) return { kind: "loop" };
  const hosts = better.map((exchanger) => ({ ...exchanger, order: random() }))
    .sort((a, b) => a.preference - b.preference || a.order - b.order)
    .map(({ host }) => host);
  return { kind: "hosts", hosts: [...new Set(hosts)].slice(0, MOST_HOSTS) };
}
