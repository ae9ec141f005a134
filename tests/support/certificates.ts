/** Certificates for one test, made by openssl and gone with it. */
export interface TestCertificates extends AsyncDisposable {
  /** Where the files are. */
  readonly directory: string;
  /** PEM file of the authority that signs. */
  readonly authority: string;
  /**
   * Sign a certificate for `commonName`, as `<file>.pem` and `<file>.key`; for localhost and loopback addresses, or
   * for `names` (as openssl writes them) instead.
   */
  issue(
    file: string,
    commonName: string,
    names?: readonly string[],
  ): Promise<{ certificate: string; privateKey: string }>;
}

const NAMES = ["DNS:localhost", "IP:127.0.0.1", "IP:::1"];
const EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** Whether tests that need certificates can run: give it to `ignore`. */
export const withoutOpenssl: boolean = !hasOpenssl();
if (withoutOpenssl) console.warn("openssl is not installed: tests of TLS are skipped");

/** An authority of its own in a directory of its own. */
export async function makeCertificates(): Promise<TestCertificates> {
  const directory = await Deno.makeTempDir({ prefix: "certificates" });
  const at = (file: string) => `${directory}/${file}`;
  await openssl([
    ...["req", "-x509", ...EC, "-keyout", at("authority.key"), "-out", at("authority.pem"), "-days", "2"],
    ...["-subj", "/CN=Test authority", "-addext", "basicConstraints=critical,CA:TRUE"],
  ]);
  return {
    directory,
    authority: at("authority.pem"),
    async issue(file, commonName, names = NAMES) {
      const made = { certificate: at(`${file}.pem`), privateKey: at(`${file}.key`) };
      const request = at(`${file}.csr`);
      await Deno.writeTextFile(at("names"), `subjectAltName=${names.join(",")}\n`);
      await openssl([
        "req",
        ...EC,
        "-keyout",
        made.privateKey,
        "-out",
        request,
        "-subj",
        `/CN=${commonName}`,
      ]);
      await openssl([
        ...["x509", "-req", "-in", request, "-out", made.certificate, "-days", "2", "-extfile", at("names")],
        ...["-CA", at("authority.pem"), "-CAkey", at("authority.key"), "-CAcreateserial"],
      ]);
      return made;
    },
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

async function openssl(args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args }).output();
  if (!success) throw new Error(`openssl ${args[0]} failed: ${new TextDecoder().decode(stderr)}`);
}

function hasOpenssl(): boolean {
  try {
    return new Deno.Command("openssl", { args: ["version"] }).outputSync().success;
  } catch {
    return false;
  }
}
