import type { ServiceContext } from "../../services/context.ts";
import { Deadlines } from "../../services/mail/dialogue/deadlines.ts";
import { Mailboxes } from "../../services/mail/mailboxes.ts";
import { MaildirNames } from "../../services/mail/maildir_names.ts";
import { machineName } from "../../services/mail/machine_name.ts";
import { prepareTls } from "../../services/mail/prepare_tls.ts";
import { mechanismsFor } from "../../services/mail/sasl/mechanisms.ts";
import { Users } from "../../services/mail/users.ts";
import type { Service } from "../../services/service.ts";
import type { Pop3Options } from "./options.ts";
import { Pop3Factory } from "./protocol/pop3_factory.ts";
import type { Pop3Server } from "./protocol/server.ts";

/** Serves Maildirs as its options say. */
export class Pop3Service implements Service<Pop3Options> {
  readonly #options: Pop3Options;

  constructor(options: Pop3Options) {
    this.#options = options;
  }

  async start(context: ServiceContext): Promise<void> {
    const { listen, limits, tls } = this.#options;
    await prepareTls("STLS", tls);
    const factory = new Pop3Factory(await this.#server(context), limits.connectionsPerClient);
    for (const endpoint of [listen].flat()) {
      await context.reactor.listen(endpoint, factory, { maxConnections: limits.connections });
    }
  }

  async #server({ log, reactor }: ServiceContext): Promise<Pop3Server> {
    const { limits, timeouts, ...options } = this.#options;
    const hostname = options.hostname ?? machineName();
    const users = new Users(options.users);
    const mailboxes = new Mailboxes(options.maildir, { names: new MaildirNames({ host: hostname }) });
    // Now, so that a folder that cannot be read fails the start, and not the first login.
    for (const { name } of options.users) await mailboxes.open(name.toLowerCase());
    return {
      session: {
        hostname,
        startTls: options.tls !== undefined,
        insecureAuth: options.insecureAuth,
        mechanisms: mechanismsFor(users),
      },
      limits,
      timeouts,
      failedLoginDelay: options.failedLoginDelay,
      tls: options.tls ?? null,
      timestamp: options.apop ? () => `<${crypto.randomUUID()}@${hostname}>` : null,
      users,
      mailboxes,
      deadlines: new Deadlines(reactor, Math.min(timeouts.idle, timeouts.login, timeouts.tls)),
      time: reactor,
      log,
    };
  }
}
