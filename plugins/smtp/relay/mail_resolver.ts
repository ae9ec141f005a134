import { isIpAddress } from "../../../services/endpoint/ip_address.ts";

/** A mail exchanger (RFC 5321, section 5.1). */
export interface Exchanger {
  /** Name of a host, without a final dot; `""` for the null MX (RFC 7505). */
  readonly host: string;
  /** The lowest is asked first. */
  readonly preference: number;
}

/** What delivery asks of the DNS. No records are an empty array; what rejects may work the next time. */
export interface MailResolver {
  /** The exchangers of a domain. */
  exchangers(domain: string): Promise<readonly Exchanger[]>;
  /** The addresses of a host, in the order in which they are to be tried. */
  addresses(host: string): Promise<readonly string[]>;
}

/** Asks the system's name server. */
export const systemMailResolver: MailResolver = {
  async exchangers(domain) {
    const records = await found(Deno.resolveDns(domain, "MX"));
    return records.map(({ exchange, preference }) => ({ host: exchange.replace(/\.$/, ""), preference }));
  },
  async addresses(host) {
    if (isIpAddress(host)) return [host];
    const [v6, v4] = await Promise.allSettled([
      found(Deno.resolveDns(host, "AAAA")),
      found(Deno.resolveDns(host, "A")),
    ]);
    const addresses = [v6, v4].flatMap((result) => result.status === "fulfilled" ? result.value : []);
    const failed = [v6, v4].find((result) => result.status === "rejected");
    if (addresses.length === 0 && failed !== undefined) throw failed.reason;
    return addresses;
  },
};

async function found<T>(records: Promise<T[]>): Promise<T[]> {
  try {
    return await records;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
