import type { Users } from "../users.ts";
import type { SaslExchange } from "./exchange.ts";
import { LoginExchange } from "./login.ts";
import { PlainExchange } from "./plain.ts";
import { ScramSha256Exchange } from "./scram_sha_256.ts";

/** A way to log in, by its name in SASL. */
export type MechanismName = "SCRAM-SHA-256" | "PLAIN" | "LOGIN";

const mechanisms: Readonly<Record<MechanismName, new (users: Users) => SaslExchange>> = {
  "SCRAM-SHA-256": ScramSha256Exchange,
  PLAIN: PlainExchange,
  LOGIN: LoginExchange,
};

/** What can be offered to these users, the safest first. */
export function mechanismsFor(users: Users): MechanismName[] {
  return users.supportScram ? ["SCRAM-SHA-256", "PLAIN", "LOGIN"] : ["PLAIN", "LOGIN"];
}

/** Begin a login by the mechanism of that name, in upper or lower case; null when it cannot be used. */
export function startSasl(name: string, users: Users): SaslExchange | null {
  const mechanism = mechanismsFor(users).find((known) => known === name.toUpperCase());
  return mechanism === undefined ? null : new mechanisms[mechanism](users);
}
