import { type CidrBlock, matchesAny } from "../../../services/endpoint/cidr.ts";
import type { MayRelay } from "../recipients/policy.ts";

/** Mail for elsewhere is taken from users who have logged in, and from trusted networks; from nobody else. */
export function relayFor(trusted: readonly CidrBlock[]): MayRelay {
  return ({ user, address }) => user !== null || address !== null && matchesAny(address, trusted);
}

/** Nobody's mail is passed on. */
export const relayForNobody: MayRelay = () => false;
