import { systemFiles } from "../../../services/mail/mail_files.ts";
import { Spool } from "../../../services/mail/spool.ts";
import type { Delivery, MessageSink, Transaction } from "../delivery/delivery.ts";
import type { Reply } from "../reply/reply.ts";
import type { Authenticate } from "./authenticate.ts";
import { withoutForged } from "./remove_forged.ts";

/** What {@linkcode verifyingDelivery} stands on. */
export interface VerifyingOptions {
  /** Where messages go then. */
  readonly inner: Delivery;
  readonly authenticate: Authenticate;
  /** Whose messages are not looked at: they are our own users'. */
  readonly isOurs: (transaction: Transaction) => boolean;
  /** Ours. */
  readonly hostname: string;
  /** Folder for large messages while they come. */
  readonly folder: string;
}

/**
 * Finds out who has sent a message, and puts that in front of it before it is delivered. The message must have
 * come as a whole before: what is behind this gets it all at once.
 */
export function verifyingDelivery(options: VerifyingOptions): Delivery {
  const { inner, isOurs, folder } = options;
  return {
    begin: (transaction) => {
      if (isOurs(transaction)) return inner.begin(transaction);
      const spool = new Spool(`${folder}/${transaction.id}`, systemFiles);
      return {
        write: (bytes) => spool.write(bytes),
        commit: async () => {
          try {
            await spool.finish(false);
            return await deliver(transaction, spool, options);
          } finally {
            await spool.discard();
          }
        },
        abort: () => spool.discard(),
      };
    },
  };
}

async function deliver(
  transaction: Transaction,
  spool: Spool,
  { inner, authenticate, hostname }: VerifyingOptions,
): Promise<Reply | null> {
  const results = await authenticate(transaction, spool.content());
  const sink: MessageSink = inner.begin(transaction);
  try {
    await sink.write(new TextEncoder().encode(results));
    for await (const bytes of withoutForged(spool.content(), hostname)) await sink.write(bytes);
  } catch (error) {
    await sink.abort();
    throw error;
  }
  return await sink.commit();
}
