/** Run examples/tls/certificates.sh; its folder is gone with the test. */
export async function exampleCertificates(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await Deno.makeTempDir({ prefix: "certificates" });
  const script = new URL("../../examples/tls/certificates.sh", import.meta.url).pathname;
  const { success, stderr } = await new Deno.Command("sh", { args: [script, folder] }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}
