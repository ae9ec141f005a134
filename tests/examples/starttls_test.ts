import { assertEquals } from "../assert.ts";
import { withoutOpenssl } from "../support/certificates.ts";
import { TextConn } from "../support/text_conn.ts";
import { exampleCertificates } from "./_certificates.ts";
import { endpointOf, runExample } from "./_example.ts";

Deno.test({
  name: "examples/starttls: client and server begin in the clear and go on in TLS",
  ignore: withoutOpenssl,
  async fn() {
    await using certificates = await exampleCertificates();
    await using server = await runExample("starttls/server.ts", certificates.folder, "tcp:127.0.0.1:0");
    await using client = await runExample(
      "starttls/client.ts",
      certificates.folder,
      await endpointOf(server),
    );
    assertEquals(await client.ended(), 0);
    assertEquals(client.stdout.lines, ["In the clear: hello", "Go ahead", "TLSv1.3: hello"]);
  },
});

Deno.test("examples/starttls: a failed handshake ends that connection alone", async () => {
  await using server = await runExample("starttls/server.ts", "/nowhere", "tcp:127.0.0.1:0");
  const endpoint = await endpointOf(server);
  using unlucky = await TextConn.connect(endpoint);
  await unlucky.send("STARTTLS\n");
  assertEquals(await unlucky.rest(), "Go ahead\r\n");
  using other = await TextConn.connect(endpoint);
  await other.send("still there?\n");
  assertEquals(await other.line(), "In the clear: still there?");
});
