import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { CertificateFiles, ConnectTls, ServeTls } from "../../endpoint/endpoint.ts";
import { CertificateFileError } from "./_certificate_file_error.ts";
import { dnsNames } from "./_server_names.ts";
import { errorCode } from "./_system_error.ts";

/** Bytes that a PEM file may have: the bundle of a system's authorities has a fourth of that. */
const MAX_FILE_SIZE = 1024 * 1024;

const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END [A-Z0-9 ]+-----/g;
const PRIVATE_KEY =
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----[\s\S]+?-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----/;

/** PEM texts, checked, in the options' names of `node:tls`. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** What a client trusts and presents. */
export interface ClientCredentials extends Partial<Identity> {
  readonly ca?: readonly string[];
}

/** What a server presents, and whose clients' certificates it trusts. */
export interface ServerCredentials extends Identity {
  readonly ca?: readonly string[];
  /** What it presents instead to clients that ask for one of the names. */
  readonly others: readonly (Identity & { readonly names: readonly string[] })[];
}

/**
 * Read what a server presents. `node:tls` under Deno takes any text and fails in each handshake instead, so
 * everything is checked here.
 * @throws {CertificateFileError}
 */
export async function readServerCredentials(tls: ServeTls): Promise<ServerCredentials> {
  const identity = await readIdentity(tls);
  const others = await Promise.all((tls.others ?? []).map(readNamedIdentity));
  if (tls.clientAuthorities === undefined) return { ...identity, others };
  return { ...identity, others, ca: await readCertificates("client authorities", tls.clientAuthorities) };
}

async function readNamedIdentity(files: CertificateFiles): Promise<ServerCredentials["others"][number]> {
  const identity = await readIdentity(files);
  const names = dnsNames(new X509Certificate(identity.cert).subjectAltName);
  if (names.length === 0) {
    throw new CertificateFileError(
      `certificate "${files.certificate}": has no DNS names to be chosen by; only the first may do without`,
    );
  }
  return { ...identity, names };
}

/**
 * Read what a client trusts and presents.
 * @throws {CertificateFileError}
 */
export async function readClientCredentials(tls: ConnectTls): Promise<ClientCredentials> {
  const { authorities, certificate, privateKey } = tls;
  if ((certificate === undefined) !== (privateKey === undefined)) {
    throw new CertificateFileError("certificate and privateKey belong together; give both or none");
  }
  return {
    ...(certificate !== undefined && privateKey !== undefined &&
      await readIdentity({ certificate, privateKey })),
    ...(authorities !== undefined && { ca: await readCertificates("authorities", authorities) }),
  };
}

async function readIdentity({ certificate, privateKey }: CertificateFiles): Promise<Identity> {
  const chain = await readCertificates("certificate", certificate);
  const pem = await readPem("private key", privateKey);
  const [key, keyPem] = parseKey(pem, privateKey);
  if (!new X509Certificate(chain[0]!).checkPrivateKey(key)) {
    throw new CertificateFileError(
      `private key "${privateKey}": does not belong to certificate "${certificate}"; its own certificate must come first`,
    );
  }
  return { cert: chain.join("\n"), key: keyPem };
}

/** Every certificate of the file; one at least. */
async function readCertificates(what: string, path: string): Promise<readonly string[]> {
  const blocks = (await readPem(what, path)).match(CERTIFICATE) ?? [];
  if (blocks.length === 0) throw new CertificateFileError(`${what} "${path}": no PEM certificate in it`);
  for (const [index, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch (cause) {
      throw new CertificateFileError(
        `${what} "${path}": cannot be read as X.509 (certificate ${index + 1})`,
        {
          cause,
        },
      );
    }
  }
  return blocks;
}

function parseKey(pem: string, path: string): [KeyObject, string] {
  const block = pem.match(PRIVATE_KEY)?.[0];
  if (block === undefined) throw new CertificateFileError(`private key "${path}": no PEM private key in it`);
  if (block.includes("ENCRYPTED")) {
    throw new CertificateFileError(
      `private key "${path}": has a passphrase; decrypt it first (openssl pkey)`,
    );
  }
  try {
    return [createPrivateKey(block), block];
  } catch (cause) {
    throw new CertificateFileError(`private key "${path}": cannot be read`, { cause });
  }
}

async function readPem(what: string, path: string): Promise<string> {
  try {
    const { size, isFile } = await Deno.stat(path);
    if (!isFile) throw new CertificateFileError(`${what} "${path}": is no file`);
    if (size > MAX_FILE_SIZE) throw new CertificateFileError(`${what} "${path}": is larger than 1 MiB`);
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof CertificateFileError) throw error;
    throw new CertificateFileError(`${what} "${path}": ${describeFileError(error)}`, { cause: error });
  }
}

function describeFileError(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) return "not permitted; grant it with Deno's --allow-read";
  switch (errorCode(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return "file not found";
    case "EACCES":
      return "permission denied; this user may not read it";
    default:
      return "cannot be read";
  }
}
