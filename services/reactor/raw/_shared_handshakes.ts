import type { ServeTls } from "../../endpoint/endpoint.ts";
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
export async function handshakesFor(tls: ServeTls): Promise<ServerHandshakes> {
  const version = await versionOf(tls);
  const known = loaded.get(tls);
  if (known === undefined) {
    const handshakes = await ServerHandshakes.load(tls);
    loaded.set(tls, { handshakes, version });
    return handshakes;
  }
  if (known.version !== version) {
    known.version = version;
    await known.handshakes.reload().catch(() => {});
  }
  return known.handshakes;
}

/** Differs when a file was written or replaced. */
async function versionOf(tls: ServeTls): Promise<string> {
  const paths = [tls.certificate, tls.privateKey, tls.clientAuthorities];
  const versions = paths.map(async (path) => {
    if (path === undefined) return "";
    const file = await Deno.stat(path).catch(() => null);
    return file === null ? "absent" : `${file.ino} ${file.size} ${file.mtime?.getTime()}`;
  });
  return (await Promise.all(versions)).join("\n");
}
