import { assertEquals } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { endpointOf, endpointsOf, runExample, serveExample } from "./_example.ts";

async function finger(endpoint: string, user: string): Promise<string> {
  using conn = await TextConn.connect(endpoint);
  await conn.send(`${user}\r\n`);
  return await conn.rest();
}

Deno.test("examples/finger/1_answer.ts knows nobody", async () => {
  await using server = await runExample("finger/1_answer.ts", "tcp:127.0.0.1:0");
  assertEquals(await finger(await endpointOf(server), "alice"), "No such user\r\n");
});

Deno.test("examples/finger/2_users.ts knows its users", async () => {
  await using server = await runExample("finger/2_users.ts", "tcp:127.0.0.1:0");
  const endpoint = await endpointOf(server);
  assertEquals(await finger(endpoint, "alice"), "Out for lunch\r\n");
  assertEquals(await finger(endpoint, "mallory"), "No such user\r\n");
});

Deno.test("examples/finger/3_later.ts knows the users of this machine", async () => {
  await using server = await runExample("finger/3_later.ts", "tcp:127.0.0.1:0");
  const endpoint = await endpointOf(server);
  const [root] = (await Deno.readTextFile("/etc/passwd")).split("\n");
  assertEquals(await finger(endpoint, "root"), `${root!.split(":")[4]}\r\n`);
  assertEquals(await finger(endpoint, "no-such-user"), "No such user\r\n");
});

Deno.test("examples/finger/4_application.ts lets the owner of its socket change what it answers", async () => {
  const folder = await Deno.makeTempDir();
  const socket = `${folder}/finger.sock`;
  await using server = await runExample("finger/4_application.ts", "tcp:127.0.0.1:0", socket);
  const [endpoint] = await endpointsOf(server, "finger");
  await server.record(({ message }) => message === "Application ready");
  assertEquals(await finger(endpoint!, "alice"), "Out for lunch\r\n");
  {
    using setter = await TextConn.connect(`unix:${socket}`);
    await setter.send("alice Back at 3\nnonsense\n");
    assertEquals(await setter.line(), "Write a user and a status");
  }
  assertEquals(await finger(endpoint!, "alice"), "Back at 3\r\n");
  server.kill("SIGTERM");
  assertEquals(await server.ended(), 0);
  await Deno.remove(folder); // empty: the socket file is gone
});

Deno.test("examples/finger/app.yaml answers from its table of users", async () => {
  await using server = serveExample("finger/app.yaml", { PORT: "0" });
  const [endpoint] = await endpointsOf(server, "finger");
  assertEquals(await finger(endpoint!, "bob"), "In the laboratory\r\n");
});
