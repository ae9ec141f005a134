import type { ReactorTime } from "../../../services/async/time.ts";
import { formatMailbox } from "../../../services/mail/address.ts";
import type { Transaction } from "../delivery/delivery.ts";

/** Asks the DNS as `node:dns` does: rejects with a `code`, `ENOTFOUND` or `ENODATA` where there is nothing. */
export type Resolve = (name: string, type: string) => Promise<string[][] | string[]>;

/** Finds out who has sent a message: the field `Authentication-Results`, with its CRLF. Never rejects. */
export type Authenticate = (
  transaction: Transaction,
  content: AsyncIterable<Uint8Array>,
) => Promise<string>;

/** What {@linkcode authenticator} stands on. */
export interface AuthenticatorOptions {
  /** Ours. */
  readonly hostname: string;
  readonly resolve: Resolve;
  readonly time: ReactorTime;
  /** Milliseconds for all of it; then the results are `temperror`. */
  readonly patience: number;
  /** Told why it could not be found out. */
  readonly failed: (error: unknown) => void;
}

/** Results of SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 9989), in the form of RFC 8601. */
export async function authenticator(options: AuthenticatorOptions): Promise<Authenticate> {
  const { hostname, resolve, time, patience, failed } = options;
  const [{ authenticate }, { Readable }] = await Promise.all([import("mailauth"), import("node:stream")]);
  return async ({ client, envelope: { sender } }, content) => {
    const over = Promise.withResolvers<never>();
    over.promise.catch(() => {});
    const deadline = time.callLater(
      patience,
      () => over.reject(new Error(`No result within ${patience / 1000} s`)),
    );
    try {
      const found = authenticate(Readable.from(content, { objectMode: false }), {
        ...(client.address !== null && { ip: client.address }),
        helo: client.helo ?? "unknown",
        sender: sender.address === null ? "" : formatMailbox(sender.address),
        mta: hostname,
        // After the deadline nobody waits for an answer, and none is asked for any more.
        resolver: (name, type) => Promise.race([resolve(name, type), over.promise]),
        disableArc: true,
        disableBimi: true,
        rejectRsaSha1: true,
      });
      found.catch(() => {});
      return ownField((await Promise.race([found, over.promise])).headers);
    } catch (error) {
      failed(error);
      return `Authentication-Results: ${hostname};\r\n\tdkim=temperror; spf=temperror; dmarc=temperror\r\n`;
    } finally {
      deadline.cancel();
    }
  };
}

/** Of the fields that the library makes, the one that we want. */
function ownField(fields: string): string {
  const found = /^Authentication-Results:.*(?:\r?\n[ \t].*)*/m.exec(fields)?.[0] ?? "";
  if (found === "") throw new Error("There are no results");
  return `${found.replaceAll(/\r?\n/g, "\r\n")}\r\n`;
}
