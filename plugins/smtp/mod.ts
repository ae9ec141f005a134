/**
 * Receives mail (RFC 5321 and the extensions that clients expect), and delivers it to Maildirs, to memory or to
 * hooks in TypeScript. When it has answered 250 to a message, the message is stored.
 *
 * @module
 */
import { isTls } from "../../services/mail/is_tls.ts";
import { memoryMail } from "../../services/mail/memory_mail.ts";
import { checkUsers } from "../../services/mail/user_options.ts";
import { definePlugin, type Plugin } from "../../services/plugin/plugin.ts";
import { mailQueue } from "../../services/mail/mail_queue.ts";
import { checkRelay } from "./relay/check_relay.ts";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { isLocal } from "../../services/plugin/loopback_endpoint.ts";
import { options, type SmtpOptions } from "./options.ts";
import { checkDirectory } from "./recipients/directory.ts";
import { directoryOptions, SmtpService } from "./smtp_service.ts";

/** Milliseconds that a start may take which finds a queue: a million messages have to be read first. */
const LONG_QUEUE = 10 * 60_000;

/** Those of the inbox: what a thread of its own imports, Deno reads by permission, unlike what is imported here. */
const inboxModules = import.meta.url.startsWith("file:")
  ? [fileURLToPath(new URL("./inbox", import.meta.url))]
  : [];

type Problems = { path: readonly PropertyKey[]; message: string }[];

export default definePlugin({
  name: "smtp",
  description: "Receive mail, and pass it on",
  options,
  provides: [memoryMail, mailQueue],
  // Of two that share a queue, the second could not have it before the first has let go.
  replace: ({ relay }) => relay === undefined ? "overlap" : "exclusive",
  check: (options) => [
    ...checkUsers(options.users),
    ...checkTls(options),
    ...checkDirectory(directoryOptions(options)),
    ...checkRelay(options),
    ...checkInbox(options),
  ],
  permissions: ({ deliver, hooks, tls, relay, dkim, verify, inbox }) => {
    const folders = [
      ...(typeof deliver === "object" && "maildir" in deliver ? [deliver.maildir] : []),
      ...(relay === undefined ? [] : [relay.queue]),
      ...(verify ? [tmpdir()] : []),
    ];
    const files = [hooks, relay?.authorities, dkim?.privateKey, ...Object.values(tls ?? {})];
    return {
      // Whoever is to be asked, and where the servers are, the DNS says.
      ...((verify || relay !== undefined) && { net: true }),
      read: [
        ...folders,
        ...files.filter((file) => file !== undefined),
        ...(inbox === undefined ? [] : inboxModules),
      ],
      write: folders,
      sys: ["hostname"],
    };
  },
  unitDefaults: ({ relay }) => relay === undefined ? {} : { startTimeout: LONG_QUEUE },
  makeService: (options) => new SmtpService(options),
}) as Plugin<typeof options>;

function checkTls({ requireTls, requireAuth, insecureAuth, users, tls, listen }: SmtpOptions): Problems {
  const problems: Problems = [];
  const secure = [listen].flat().map(isTls);
  if (requireTls && tls === undefined && !secure.every(Boolean)) {
    problems.push({ path: ["requireTls"], message: "needs tls, or endpoints tls:... alone" });
  }
  if (requireAuth && users.length === 0) {
    problems.push({ path: ["requireAuth"], message: "needs users: as it is, no mail could be sent" });
  } else if (requireAuth && tls === undefined && !insecureAuth && !secure.some(Boolean)) {
    problems.push({
      path: ["requireAuth"],
      message: "nobody could log in: give tls for STARTTLS, listen on tls:..., or set insecureAuth: true",
    });
  }
  return problems;
}

function checkInbox({ inbox, inboxPassword, deliver }: SmtpOptions): Problems {
  const problems: Problems = [];
  if (inbox === undefined) return problems;
  if (!isLocal(inbox) && inboxPassword === undefined) {
    problems.push({
      path: ["inboxPassword"],
      message: "must be given: the inbox can be reached from other machines; or let it listen on 127.0.0.1",
    });
  }
  if (deliver === "discard") {
    problems.push({ path: ["inbox"], message: "has nothing to show: deliver into Maildirs or memory" });
  }
  return problems;
}
