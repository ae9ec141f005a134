import { assertEquals, assertMatch, assertNotEquals } from "../assert.ts";
import { withoutOpenssl } from "../support/certificates.ts";
import { exampleCertificates } from "./_certificates.ts";
import { portOf, runExample } from "./_example.ts";

Deno.test({
  name: "examples/tls: server and client know each other by their certificates",
  ignore: withoutOpenssl,
  async fn() {
    await using certificates = await exampleCertificates();
    await using server = await runExample("tls/server.ts", certificates.folder, "0");
    await using client = await runExample("tls/client.ts", certificates.folder, await portOf(server));
    assertEquals(await client.ended(), 0);
    assertEquals(client.stdout.lines[0], "localhost said: Can nobody hear us?");
    assertMatch(await server.stdout.line((line) => line.includes("speaks")), /^Alice speaks TLSv1\.3$/);
  },
});

Deno.test({
  name: "examples/tls: a client without a certificate is not served",
  ignore: withoutOpenssl,
  async fn() {
    await using certificates = await exampleCertificates();
    await using server = await runExample("tls/server.ts", certificates.folder, "0");
    const stranger = new Deno.Command("openssl", {
      args: [
        ...["s_client", "-connect", `127.0.0.1:${await portOf(server)}`, "-quiet"],
        ...["-CAfile", `${certificates.folder}/authority.pem`],
      ],
    });
    const { success, stdout } = await stranger.output();
    assertEquals([success, stdout.length], [false, 0]);
    assertNotEquals(server.stdout.lines.at(-1)?.includes("speaks"), true);
  },
});
