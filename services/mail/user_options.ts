import { z } from "zod";
import { parsePassword, PasswordError } from "../auth/password.ts";
import type { UserOptions } from "./users.ts";

/** A user of a mail server, in an application file. */
const user = z.strictObject({
  name: z.string().min(1).describe('"alice", for that name in every domain, or "alice@example.org"'),
  password: z.string().describe("Best as ${file:...}; in the open, or a hash of scrypt, PBKDF2 or SCRAM"),
});

/** The users of a mail server, in an application file: the same for smtp and pop3. */
export function userOptions(): z.ZodArray<typeof user> {
  return z.array(user);
}

/** What is wrong with `users`, which stand under the key of that name. */
export function checkUsers(users: readonly UserOptions[]): { path: PropertyKey[]; message: string }[] {
  const problems: { path: PropertyKey[]; message: string }[] = [];
  const seen = new Set<string>();
  for (const [at, { name, password }] of users.entries()) {
    if (seen.has(name.toLowerCase())) {
      problems.push({ path: ["users", at, "name"], message: "there is a user of that name" });
    }
    seen.add(name.toLowerCase());
    try {
      parsePassword(password);
    } catch (error) {
      if (!(error instanceof PasswordError)) throw error;
      problems.push({ path: ["users", at, "password"], message: error.message });
    }
  }
  return problems;
}
