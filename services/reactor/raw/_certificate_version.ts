import type { ServeTls } from "../../endpoint/endpoint.ts";

/** A text that differs when one of the files of `tls` was written or replaced. */
export async function certificateVersion(tls: ServeTls): Promise<string> {
  const identities = [tls, ...tls.others ?? []];
  const paths = [
    ...identities.flatMap(({ certificate, privateKey }) => [certificate, privateKey]),
    ...(tls.clientAuthorities === undefined ? [] : [tls.clientAuthorities]),
  ];
  const versions = paths.map(async (path) => {
    const file = await Deno.stat(path).catch(() => null);
    return file === null ? "absent" : `${file.ino} ${file.size} ${file.mtime?.getTime()}`;
  });
  return (await Promise.all(versions)).join("\n");
}
