import type { Transaction } from "../delivery/delivery.ts";

/** Whose mail is signed, and with what (RFC 6376). */
export interface DkimOptions {
  readonly domain: string;
  readonly selector: string;
  /** PEM file. */
  readonly privateKey: string;
}

/** Octets of the header that are looked through for the author. */
const LONGEST_HEADER = 64 * 1024;
const HEADER_END = "\r\n\r\n";

/** Makes the field that vouches for a message; `""` for one that is not ours to vouch for. */
export type Sign = (transaction: Transaction, content: () => AsyncIterable<Uint8Array>) => Promise<string>;

/** Signs nothing. */
export const signNothing: Sign = () => Promise.resolve("");

/**
 * Signs messages whose author (`From`) has an address of the domain, or of one beneath it, and whose sender may
 * relay: what strangers send to an alias is passed on, and not vouched for.
 *
 * @throws {Error} when the key cannot be read
 */
export async function dkimSigner(
  { domain, selector, privateKey }: DkimOptions,
  isOurs: (transaction: Transaction) => boolean,
): Promise<Sign> {
  const identity = { signingDomain: domain, selector, privateKey: await readKey(privateKey) };
  const [{ dkimSign }, { Readable }] = await Promise.all([import("mailauth"), import("node:stream")]);
  return async (transaction, content) => {
    if (!isOurs(transaction) || !isOf(await authorDomain(content()), domain)) return "";
    const { signatures, errors } = await dkimSign(Readable.from(content(), { objectMode: false }), {
      // The types ask for it here, the code looks for it there.
      ...identity,
      signatureData: [identity],
      canonicalization: "relaxed/relaxed",
      signTime: new Date(transaction.receivedAt),
    });
    if (signatures === "") {
      throw new Error(`Cannot sign message ${transaction.id}: ${errors[0]?.err.message ?? "no signature"}`);
    }
    return signatures;
  };
}

async function readKey(path: string): Promise<string> {
  try {
    const { createPrivateKey } = await import("node:crypto");
    const pem = await Deno.readTextFile(path);
    createPrivateKey(pem);
    return pem;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot read the key for DKIM "${path}": ${reason}`, { cause: error });
  }
}

function isOf(author: string | null, domain: string): boolean {
  return author !== null && (author === domain || author.endsWith(`.${domain}`));
}

/** The domain of the address in `From`, in lower case; null where it has none, or there are several. */
async function authorDomain(content: AsyncIterable<Uint8Array>): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of content) {
    text += decoder.decode(bytes, { stream: true });
    if (text.includes(HEADER_END) || text.length > LONGEST_HEADER) break;
  }
  const header = text.split(HEADER_END, 1)[0]!.replaceAll(/\r\n(?=[ \t])/g, "");
  const fields = [...header.matchAll(/^from[ \t]*:(.*)$/gim)];
  const domains = fields.flatMap(([, value]) =>
    [...value!.matchAll(/@([A-Za-z0-9.\-\u0080-\u{10ffff}]+)/gu)].map(([, domain]) => domain!.toLowerCase())
  );
  return fields.length === 1 && new Set(domains).size === 1 ? domains[0]! : null;
}
