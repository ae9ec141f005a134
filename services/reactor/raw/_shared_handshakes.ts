import type { ServeTls } from "../../endpoint/endpoint.ts";
import { type Logger, silentLogger } from "../../log.ts";
import { certificateVersion } from "./_certificate_version.ts";
import { ServerHandshakes } from "./_server_handshakes.ts";

interface Loaded {
  readonly handshakes: ServerHandshakes;
  version: string;
}

const loaded = new WeakMap<ServeTls, Loaded>();

/**
 * The handshakes of a server that upgrades its connections: the files are read once for each options object
 * and again when they have changed. While the changed ones are wrong (half of a renewal), the old ones serve.
 * @throws {CertificateFileError} when they never were right
 */
export async function handshakesFor(tls: ServeTls, log: Logger = silentLogger): Promise<ServerHandshakes> {
  const version = await certificateVersion(tls);
  const known = loaded.get(tls);
  if (known === undefined) {
    const handshakes = await ServerHandshakes.load(tls);
    loaded.set(tls, { handshakes, version });
    return handshakes;
  }
  if (known.version !== version) {
    known.version = version;
    await known.handshakes.reload().catch((error) => {
      log.error("Certificate files have changed and are wrong: the old certificate stays in use", { error });
    });
  }
  return known.handshakes;
}
