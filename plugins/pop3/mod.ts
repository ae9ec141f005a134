/**
 * Serves mailboxes by POP3 (RFC 1939, with CAPA, UIDL, TOP, STLS and AUTH): the Maildirs that the smtp plugin
 * delivers into, for the same users.
 *
 * @module
 */
import { parsePassword, PasswordError } from "../../services/auth/password.ts";
import { isTls } from "../../services/mail/is_tls.ts";
import { checkUsers } from "../../services/mail/user_options.ts";
import { definePlugin, type Plugin } from "../../services/plugin/plugin.ts";
import { options, type Pop3Options } from "./options.ts";
import { Pop3Service } from "./pop3_service.ts";

type Problems = { path: PropertyKey[]; message: string }[];

/** RFC 1939, section 3. */
const SHORTEST_IDLE = 10 * 60_000;

export default definePlugin({
  name: "pop3",
  description: "Serve mailboxes by POP3",
  options,
  replace: "overlap",
  check: (options) => [...checkUsers(options.users), ...checkLogins(options), ...checkTimes(options)],
  permissions: ({ maildir, tls }) => ({
    read: [maildir, ...Object.values(tls ?? {})],
    write: [maildir],
    sys: ["hostname"],
  }),
  makeService: (options) => new Pop3Service(options),
}) as Plugin<typeof options>;

function checkLogins({ listen, tls, insecureAuth, apop, users }: Pop3Options): Problems {
  const problems: Problems = [];
  const secure = [listen].flat().some(isTls);
  if (tls === undefined && !secure && !insecureAuth && !apop) {
    problems.push({
      path: ["tls"],
      message: "nobody could log in: give tls for STLS, listen on tls:..., or set insecureAuth: true",
    });
  }
  for (const [at, { password }] of apop ? users.entries() : []) {
    if (isHashed(password)) {
      problems.push({ path: ["users", at, "password"], message: "must stand in the open for APOP" });
    }
  }
  return problems;
}

function isHashed(password: string): boolean {
  try {
    return parsePassword(password).kind !== "plain";
  } catch (error) {
    // What it is instead, checkUsers says.
    if (error instanceof PasswordError) return false;
    throw error;
  }
}

function checkTimes({ timeouts }: Pop3Options): Problems {
  if (timeouts.idle >= SHORTEST_IDLE) return [];
  return [{ path: ["timeouts", "idle"], message: "must be 10m at least (RFC 1939, section 3)" }];
}
