import type { ServiceContext } from "../../services/context.ts";
import { Deadlines } from "../../services/mail/dialogue/deadlines.ts";
import { machineName } from "../../services/mail/machine_name.ts";
import { type MailFiles, systemFiles } from "../../services/mail/mail_files.ts";
import { type QueueFiles, systemQueueFiles } from "../../services/mail/queue/queue_files.ts";
import type { MailQueue } from "../../services/mail/mail_queue.ts";
import { Mailboxes } from "../../services/mail/mailboxes.ts";
import { MaildirNames } from "../../services/mail/maildir_names.ts";
import { MemoryMail, memoryMail } from "../../services/mail/memory_mail.ts";
import { mechanismsFor } from "../../services/mail/sasl/mechanisms.ts";
import { prepareTls } from "../../services/mail/prepare_tls.ts";
import { Users } from "../../services/mail/users.ts";
import type { Service } from "../../services/service.ts";
import type { Delivery, Transaction } from "./delivery/delivery.ts";
import { discard } from "./delivery/discard.ts";
import { MaildirDelivery } from "./delivery/maildir_delivery.ts";
import { MemoryDelivery } from "./delivery/memory_delivery.ts";
import { hookedDelivery } from "./hooks/hooked_sink.ts";
import type { MessageStore } from "./inbox/store.ts";
import { loadHooks } from "./hooks/load_hooks.ts";
import { MessageIds } from "./message/message_ids.ts";
import { TraceFields } from "./message/trace.ts";
import type { SmtpOptions } from "./options.ts";
import type { SmtpServer } from "./protocol/server.ts";
import { SmtpFactory } from "./protocol/smtp_factory.ts";
import { Directory, type DirectoryOptions } from "./recipients/directory.ts";
import { Policy } from "./recipients/policy.ts";
import { type MailResolver, systemMailResolver } from "./relay/mail_resolver.ts";
import { relayFor, relayForNobody } from "./relay/may_relay.ts";
import { startRelay } from "./relay/start_relay.ts";
import { authenticator, type Resolve } from "./verify/authenticate.ts";
import { verifyingDelivery } from "./verify/verifying_delivery.ts";

/** What the service takes from the world around it. */
export interface SmtpWorld {
  /** Where mail servers are. */
  readonly resolver: MailResolver;
  /** The DNS, for checks of who has sent something. */
  readonly resolve: Resolve;
  /** The files of the queue. */
  readonly queueFiles: QueueFiles;
  /** The files of mailboxes. */
  readonly mailFiles: MailFiles;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
}

const realWorld: SmtpWorld = {
  resolver: systemMailResolver,
  resolve: async (name, type) => (await import("node:dns/promises")).resolve(name, type) as Promise<string[]>,
  queueFiles: systemQueueFiles,
  mailFiles: systemFiles,
  now: Date.now,
  random: Math.random,
};

/** Milliseconds for the checks of a message. */
const VERIFY = 20_000;

/** Receives mail as its options say, and passes it on if they say so. */
export class SmtpService implements Service<SmtpOptions> {
  readonly #options: SmtpOptions;
  readonly #world: SmtpWorld;
  /** Outgoing mail; null where there is no relay. */
  #queue: MailQueue | null = null;
  /** Makes what the inbox shows; null where nothing is kept. */
  #makeStore: (() => Promise<MessageStore>) | null = null;

  /** @param world what is to be different from the real one, in a test */
  constructor(options: SmtpOptions, world: Partial<SmtpWorld> = {}) {
    this.#options = options;
    this.#world = { ...realWorld, ...world };
  }

  async start(context: ServiceContext): Promise<void> {
    const { listen, limits, xclient, tls } = this.#options;
    await prepareTls("STARTTLS", tls);
    const factory = new SmtpFactory(await this.#server(context), limits.connectionsPerClient, xclient);
    for (const endpoint of Array.isArray(listen) ? listen : [listen]) {
      await context.reactor.listen(endpoint, factory, { maxConnections: limits.connections });
    }
    await this.#serveInbox(context);
  }

  async #server(context: ServiceContext): Promise<SmtpServer> {
    const { limits, timeouts, ...options } = this.#options;
    const name = options.hostname ?? machineName();
    const users = new Users(options.users);
    const hooks = options.hooks === undefined ? {} : await loadHooks(options.hooks);
    const directory = new Directory(directoryOptions(this.#options));
    const isKnown = relayFor(options.trusted);
    const ids = new MessageIds(this.#world.now);
    const local = await this.#delivery(name, directory, context);
    const { relay, dkim } = options;
    const isOurs = ({ client }: Transaction) => isKnown(client);
    const outgoing = relay === undefined ? { delivery: local, queue: null } : await startRelay({
      ...this.#world,
      options: relay,
      dkim,
      hostname: name,
      directory,
      local,
      ids,
      isOurs,
      files: this.#world.queueFiles,
      context,
    });
    this.#queue = outgoing.queue;
    const { delivery } = outgoing;
    const hooked = hooks.onMessage === undefined ? delivery : hookedDelivery(delivery, hooks.onMessage);
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
      policy: new Policy(directory, hooks, relay === undefined ? relayForNobody : isKnown),
      delivery: options.verify ? await this.#verifying(hooked, name, isOurs, context) : hooked,
      trace: new TraceFields(name),
      ids,
      deadlines: new Deadlines(reactor, Math.min(timeouts.command, timeouts.data, timeouts.tls)),
      time: reactor,
      now: this.#world.now,
      log,
    };
  }

  async #verifying(
    inner: Delivery,
    hostname: string,
    isOurs: (transaction: Transaction) => boolean,
    context: ServiceContext,
  ): Promise<Delivery> {
    const folder = await Deno.makeTempDir({ prefix: "heddle-mail-" });
    context.use({ [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) });
    const { log, reactor } = context;
    const authenticate = await authenticator({
      hostname,
      resolve: this.#world.resolve,
      time: reactor,
      patience: VERIFY,
      failed: (error) => log.warn("Cannot find out who has sent a message", { error }),
    });
    return verifyingDelivery({ inner, authenticate, isOurs, hostname, folder });
  }

  async #delivery(host: string, directory: Directory, context: ServiceContext): Promise<Delivery> {
    const { deliver } = this.#options;
    if (deliver === "discard") return discard;
    if ("memory" in deliver) {
      const mail = new MemoryMail(deliver.memory);
      context.provide(memoryMail, mail);
      this.#makeStore = async () => new (await import("./inbox/memory_store.ts")).MemoryStore(mail);
      return new MemoryDelivery(mail);
    }
    const mailboxes = new Mailboxes(deliver.maildir, {
      names: new MaildirNames({ host }),
      files: this.#world.mailFiles,
    });
    // Now, so that a folder that cannot be written fails the start, and not the first message.
    for (const name of directory.mailboxes) await mailboxes.open(name);
    const delivery = new MaildirDelivery(mailboxes);
    this.#makeStore = async () => {
      const { MaildirStore } = await import("./inbox/maildir_store.ts");
      return new MaildirStore(mailboxes, (heard) => delivery.onStored = heard);
    };
    return delivery;
  }

  /** Its modules, and the library that takes messages apart, are loaded only where there is an inbox. */
  async #serveInbox(context: ServiceContext): Promise<void> {
    const { inbox, inboxPassword } = this.#options;
    if (inbox === undefined || this.#makeStore === null) return;
    const { serveInbox } = await import("./inbox/serve_inbox.ts");
    await serveInbox(
      await this.#makeStore(),
      { listen: inbox, password: inboxPassword ?? null, queue: this.#queue },
      context,
    );
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
    forwards: options.relay !== undefined,
  };
}
