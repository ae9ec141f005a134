import type { ServeTls } from "../endpoint/endpoint.ts";

/**
 * Read the certificate that clients are to see who switch to TLS: a file that is wrong fails the start, and not
 * each of their handshakes, for which one could not tell them from clients that do not speak TLS.
 * @param command with which they switch, for the message
 * @throws {Error} naming the file
 */
export async function prepareTls(command: "STARTTLS" | "STLS", tls: ServeTls | undefined): Promise<void> {
  if (tls === undefined) return;
  const { prepareServer } = await import("../reactor/raw/start_tls.ts");
  try {
    await prepareServer(tls);
  } catch (error) {
    throw new Error(`Cannot offer ${command}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}
