import type { ServiceContext } from "../../services/context.ts";
import { Deadlines } from "../../services/mail/dialogue/deadlines.ts";
import { machineName } from "../../services/mail/machine_name.ts";
import { Mailboxes } from "../../services/mail/mailboxes.ts";
import { MaildirNames } from "../../services/mail/maildir_names.ts";
import { MemoryMail, memoryMail } from "../../services/mail/memory_mail.ts";
import { mechanismsFor } from "../../services/mail/sasl/mechanisms.ts";
import { Users } from "../../services/mail/users.ts";
import type { Service } from "../../services/service.ts";
import type { Delivery } from "./delivery/delivery.ts";
import { discard } from "./delivery/discard.ts";
import { MaildirDelivery } from "./delivery/maildir_delivery.ts";
import { MemoryDelivery } from "./delivery/memory_delivery.ts";
import { hookedDelivery } from "./hooks/hooked_sink.ts";
import { loadHooks } from "./hooks/load_hooks.ts";
import { MessageIds } from "./message/message_ids.ts";
import { TraceFields } from "./message/trace.ts";
import type { SmtpOptions } from "./options.ts";
import type { SmtpServer } from "./protocol/server.ts";
import { SmtpFactory } from "./protocol/smtp_factory.ts";
import { Directory, type DirectoryOptions } from "./recipients/directory.ts";
import { Policy } from "./recipients/policy.ts";

/** Receives mail as its options say. */
export class SmtpService implements Service<SmtpOptions> {
  readonly #options: SmtpOptions;

  constructor(options: SmtpOptions) {
    this.#options = options;
  }

  async start(context: ServiceContext): Promise<void> {
    const { listen, limits, xclient } = this.#options;
    const factory = new SmtpFactory(await this.#server(context), limits.connectionsPerClient, xclient);
    for (const endpoint of Array.isArray(listen) ? listen : [listen]) {
      await context.reactor.listen(endpoint, factory, { maxConnections: limits.connections });
    }
  }

  async #server(context: ServiceContext): Promise<SmtpServer> {
    const { limits, timeouts, ...options } = this.#options;
    const name = options.hostname ?? machineName();
    const users = new Users(options.users);
    const hooks = options.hooks === undefined ? {} : await loadHooks(options.hooks);
    const delivery = await this.#delivery(name, context);
    const { log, reactor } = context;
    return {
      session: {
        hostname: name,
        maxMessageSize: limits.messageSize,
        maxRecipients: limits.recipients,
        startTls: options.tls !== undefined,
        requireTls: options.requireTls,
        mechanisms: users.size > 0 ? mechanismsFor(users) : [],
        insecureAuth: options.insecureAuth,
        requireAuth: options.requireAuth,
      },
      message: {
        maxSize: limits.messageSize,
        maxLineLength: limits.lineLength,
        maxReceived: limits.received,
        bareNewline: options.bareNewline,
      },
      limits,
      timeouts,
      greetingDelay: options.greetingDelay,
      tls: options.tls ?? null,
      users,
      policy: new Policy(new Directory(directoryOptions(this.#options)), hooks),
      delivery: hooks.onMessage === undefined ? delivery : hookedDelivery(delivery, hooks.onMessage),
      trace: new TraceFields(name),
      ids: new MessageIds(Date.now),
      deadlines: new Deadlines(reactor, Math.min(timeouts.command, timeouts.data, timeouts.tls)),
      time: reactor,
      now: Date.now,
      log,
    };
  }

  async #delivery(host: string, context: ServiceContext): Promise<Delivery> {
    const { deliver, catchAll, users } = this.#options;
    if (deliver === "discard") return discard;
    if ("memory" in deliver) {
      const mail = new MemoryMail(deliver.memory);
      context.provide(memoryMail, mail);
      return new MemoryDelivery(mail);
    }
    const mailboxes = new Mailboxes(deliver.maildir, { names: new MaildirNames({ host }) });
    // Now, so that a folder that cannot be written fails the start, and not the first message.
    for (const name of [...users.map(({ name }) => name.toLowerCase()), catchAll ?? "postmaster"]) {
      await mailboxes.open(name);
    }
    return new MaildirDelivery(mailboxes);
  }
}

/** The part of the options that says where mail goes. */
export function directoryOptions(options: SmtpOptions): DirectoryOptions {
  const { domains, users, aliases, catchAll, delimiter } = options;
  return {
    domains,
    users: users.map(({ name }) => name),
    aliases: Object.fromEntries(Object.entries(aliases).map(([name, targets]) => [name, [targets].flat()])),
    catchAll,
    delimiter,
  };
}
