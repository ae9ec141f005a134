import type { ServiceContext } from "../../../services/context.ts";
import { formatMailbox, parseMailbox } from "../../../services/mail/address.ts";
import { type MailQueue, mailQueue } from "../../../services/mail/mail_queue.ts";
import { type DurableQueue, openQueue } from "../../../services/mail/queue/durable_queue.ts";
import type { Entry } from "../../../services/mail/queue/entry.ts";
import type { QueueFiles } from "../../../services/mail/queue/queue_files.ts";
import { lockQueue } from "../../../services/mail/queue/queue_lock.ts";
import { answerRequests, type QueueRequest } from "../../../services/mail/queue/queue_requests.ts";
import type { SessionSettings } from "../client/open_session.ts";
import type { Delivery, Transaction } from "../delivery/delivery.ts";
import type { MessageIds } from "../message/message_ids.ts";
import type { SmtpOptions } from "../options.ts";
import { type Directory, isDestination } from "../recipients/directory.ts";
import { dkimSigner, signNothing } from "./dkim_signer.ts";
import { LocalRoutes } from "./local_routes.ts";
import type { MailResolver } from "./mail_resolver.ts";
import { Relay } from "./relay.ts";
import { RelayDelivery } from "./relay_delivery.ts";
import { readReturned } from "./read_returned.ts";
import { newBoundary, writeReport } from "./report.ts";
import { reportingDelivery, type SendReport } from "./reporting_delivery.ts";
import { DirectRoutes, type Routes, SmarthostRoutes } from "./routes.ts";

/** What a relay needs of the server that it belongs to. */
export interface RelaySurroundings {
  readonly options: NonNullable<SmtpOptions["relay"]>;
  readonly dkim: SmtpOptions["dkim"];
  /** Ours. */
  readonly hostname: string;
  readonly directory: Directory;
  /** For those whose mailboxes are here. */
  readonly local: Delivery;
  readonly ids: MessageIds;
  /** Whether a message is of somebody whom we know. */
  readonly isOurs: (transaction: Transaction) => boolean;
  readonly resolver: MailResolver;
  readonly files: QueueFiles;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly context: ServiceContext;
}

/** Milliseconds between looks at what the command line asks. */
const REQUESTS = 500;

/**
 * Open the queue, provide it, and begin to deliver what is in it.
 * @returns the delivery that puts messages into it, and the queue as others see it
 * @throws {Error} when another process has the queue; the system's error
 */
export async function startRelay(
  surroundings: RelaySurroundings,
): Promise<{ readonly delivery: Delivery; readonly queue: MailQueue }> {
  const { options, context, directory, hostname, ids, local, now, random, files } = surroundings;
  const { log, reactor } = context;
  const sign = surroundings.dkim === undefined
    ? signNothing
    : await dkimSigner(surroundings.dkim, surroundings.isOurs);
  const queue = await takeQueue(options.queue, files, context);
  const relay = new Relay({
    queue,
    routes: new LocalRoutes(directory, local, routesOf(surroundings), now),
    limits: options,
    schedule: { first: options.retry, longest: options.longestRetry, giveUp: options.giveUp },
    hostname,
    reportTo: (sender) => addressesBehind(sender, directory),
    nextId: () => ids.next(),
    time: reactor,
    now,
    random,
    log,
  });
  context.use({
    async [Symbol.asyncDispose]() {
      relay.stop();
      await relay.settled();
    },
  });
  context.draining.addEventListener("abort", () => relay.stop());
  context.use(answering(options.queue, relay, context));
  context.provide(mailQueue, relay);
  relay.start();
  const schedule = (entry: Entry) => relay.schedule(entry);
  const reporting = reportingDelivery(local, sendReport(queue, schedule, surroundings));
  return { delivery: new RelayDelivery({ local: reporting, queue, schedule, sign, now }), queue: relay };
}

async function takeQueue(folder: string, files: QueueFiles, context: ServiceContext): Promise<DurableQueue> {
  try {
    await files.makeFolder(folder);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot use queue "${folder}": ${reason}`, { cause: error });
  }
  const lock = await lockQueue(folder);
  if (lock === null) throw new Error(`Cannot use queue "${folder}": another process has it, stop that first`);
  context.use(lock);
  const { queue, torn } = await openQueue(folder, { files });
  context.use({ [Symbol.asyncDispose]: () => queue.close() });
  for (const { file, octets } of torn) {
    context.log.warn("A record of the queue was not written to its end, and is left out", {
      file: `${folder}/${file}`,
      octets,
    });
  }
  if (queue.entries.size > 0) context.log.info("Mail is waiting", { messages: queue.entries.size });
  return queue;
}

function routesOf({ options, hostname, resolver, random, context }: RelaySurroundings): Routes {
  const { smarthost, login, tls, authorities, connectTimeout, port } = options;
  const settings: SessionSettings = {
    hostname,
    tls,
    connectTimeout,
    ...(authorities !== undefined && { authorities }),
    ...(login !== undefined && { login }),
  };
  return smarthost === undefined
    ? new DirectRoutes(context.reactor, resolver, port, random, settings)
    : new SmarthostRoutes(context.reactor, smarthost, settings);
}

/** Puts reports about what was delivered here into the queue. Never rejects: what they are about is delivered. */
function sendReport(
  queue: DurableQueue,
  schedule: (entry: Entry) => void,
  { directory, hostname, ids, now, context }: RelaySurroundings,
): SendReport {
  return async ({ id, envelope: { sender }, receivedAt }, reported, start) => {
    const from = formatMailbox(sender.address!);
    const recipients = addressesBehind(from, directory);
    if (recipients.length === 0) return;
    const { envelopeId } = sender;
    const message = { sender: from, receivedAt, ...(envelopeId !== undefined && { envelopeId }) };
    try {
      const report = writeReport(message, reported, {
        id: ids.next(),
        boundary: newBoundary(),
        hostname,
        now: now(),
        returned: await readReturned(start, false),
        recipients,
      });
      schedule(await queue.addWhole(report, now()));
    } catch (error) {
      context.log.error("Cannot tell the sender that a message was delivered", { id, error });
    }
  };
}

/** Where a report about a message goes: to a mailbox here, to where its alias leads, or to the sender elsewhere. */
function addressesBehind(sender: string, directory: Directory): readonly string[] {
  const mailbox = parseMailbox(sender);
  if (mailbox === null) return [];
  const found = directory.find(mailbox);
  if (!isDestination(found)) return directory.isOurs(mailbox.domain) ? [] : [sender];
  const here = found.mailboxes.length > 0 ? [formatMailbox(mailbox)] : [];
  return [...here, ...found.forward ?? []];
}

/** Looks, again and again, at what the command line asks of the queue, and does it. */
function answering(folder: string, relay: Relay, { reactor, log }: ServiceContext): AsyncDisposable {
  const perform = ({ verb, ids }: QueueRequest) =>
    verb === "drop" ? relay.drop(ids) : relay.retry(ids.length === 0 ? undefined : ids);
  let looking: Promise<void> = Promise.resolve();
  const look = (): void => {
    looking = answerRequests(folder, perform)
      .catch((error) => log.warn("Cannot see what is asked of the queue", { error }))
      .then(() => {
        timer = reactor.callLater(REQUESTS, look);
      });
  };
  let timer = reactor.callLater(REQUESTS, look);
  return {
    async [Symbol.asyncDispose]() {
      timer.cancel();
      await looking;
      timer.cancel();
    },
  };
}
