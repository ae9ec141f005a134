/**
 * Receives mail (RFC 5321 and the extensions that clients expect), and delivers it to Maildirs, to memory or to
 * hooks in TypeScript. When it has answered 250 to a message, the message is stored.
 *
 * @module
 */
import { memoryMail } from "../../services/mail/memory_mail.ts";
import { checkUsers } from "../../services/mail/user_options.ts";
import { definePlugin, type Plugin } from "../../services/plugin/plugin.ts";
import { options, type SmtpOptions } from "./options.ts";
import { checkDirectory } from "./recipients/directory.ts";
import { directoryOptions, SmtpService } from "./smtp_service.ts";

type Problems = { path: readonly PropertyKey[]; message: string }[];

export default definePlugin({
  name: "smtp",
  description: "Receive mail",
  options,
  provides: [memoryMail],
  replace: "overlap",
  check: (
    options,
  ) => [...checkUsers(options.users), ...checkTls(options), ...checkDirectory(directoryOptions(options))],
  permissions: ({ deliver, hooks, tls }) => {
    const folders = typeof deliver === "object" && "maildir" in deliver ? [deliver.maildir] : [];
    return {
      read: [...folders, ...(hooks === undefined ? [] : [hooks]), ...Object.values(tls ?? {})],
      write: folders,
      sys: ["hostname"],
    };
  },
  makeService: (options) => new SmtpService(options),
}) as Plugin<typeof options>;

function checkTls({ requireTls, requireAuth, users, tls, listen }: SmtpOptions): Problems {
  const problems: Problems = [];
  const secure = [listen].flat().every((endpoint) => endpoint.kind === "tls");
  if (requireTls && tls === undefined && !secure) {
    problems.push({ path: ["requireTls"], message: "needs tls, or endpoints tls:... alone" });
  }
  if (requireAuth && users.length === 0) {
    problems.push({ path: ["requireAuth"], message: "needs users: as it is, no mail could be sent" });
  }
  return problems;
}
