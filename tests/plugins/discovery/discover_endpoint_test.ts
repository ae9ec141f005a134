import { EndpointError } from "../../../services/endpoint/endpoint_error.ts";
import { parseClientEndpoint } from "../../../services/endpoint/parse.ts";
import { Protocol } from "../../../services/protocol/protocol.ts";
import type { Reactor } from "../../../services/reactor/reactor.ts";
import { ConnectError } from "../../../services/reactor/errors.ts";
import { formatAddress } from "../../../services/reactor/address.ts";
import { MemoryReactor } from "../../../services/testing/mod.ts";
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../../assert.ts";
import { listening, Member } from "./_fleet_member.ts";

/** A member with a client, whose reactor the test gets. */
function withClient(needs: readonly string[]): { member: Member; reactor: () => Reactor } {
  const member = new Member();
  let reactor: Reactor;
  member.application.addService("client", () => ({
    start(ctx) {
      reactor = ctx.reactor;
    },
  }), { needs });
  return { member, reactor: () => reactor };
}

const connect = (reactor: Reactor, name: string): Promise<Protocol> =>
  reactor.connect(`discover:${name}`, () => new Protocol());

Deno.test("a client connects to a service by its name", async () => {
  const { member, reactor } = withClient(["registry"]);
  member.application.addService("mail", listening("tcp:127.0.0.1:2525"));
  await using _ = await member.start();
  const protocol = await connect(reactor(), "mail");
  assertEquals(formatAddress(protocol.transport.peer), "tcp:127.0.0.1:2525");
  protocol.transport.loseConnection();
});

Deno.test("an instance that cannot be reached is reported, and another one tried", async () => {
  const { member, reactor } = withClient(["registry"]);
  member.application.addService("mail", listening("tcp:127.0.0.1:2525"));
  await using _ = await member.start();
  // So heavy that it is chosen first.
  await member.registry.register({
    service: "mail",
    id: "dead",
    endpoint: "tcp:127.0.0.1:9",
    weight: 65_535,
  });
  for (let i = 0; i < 3; i++) {
    const protocol = await connect(reactor(), "mail");
    assertEquals(formatAddress(protocol.transport.peer), "tcp:127.0.0.1:2525");
    protocol.transport.loseConnection();
  }
});

Deno.test("who cannot be connected to a service is told why", async () => {
  const { member, reactor } = withClient(["registry"]);
  await using _ = await member.start();
  await assertRejects(
    () => connect(reactor(), "mail"),
    ConnectError,
    'Cannot connect to "discover:mail": no instance of it is ready',
  );
  await member.registry.register({ service: "mail", id: "a", endpoint: "tcp:127.0.0.1:9" });
  const { message } = await assertRejects(() => connect(reactor(), "mail"), ConnectError);
  assertEquals(
    message,
    'Cannot connect to "discover:mail": its only instance failed; the last: ' +
      'Cannot connect to "tcp:127.0.0.1:9": connection refused',
  );
  await member.registry.register({ service: "mail", id: "b", endpoint: "tcp:127.0.0.1:10" });
  assertStringIncludes(
    (await assertRejects(() => connect(reactor(), "mail"), ConnectError)).message,
    "each of 2 instances failed",
  );
});

Deno.test("without a registry in reach the error says what to do", async () => {
  const { member, reactor } = withClient([]);
  await using _ = await member.start();
  await using alone = new MemoryReactor();
  const cases: [Reactor, string][] = [
    [
      reactor(),
      'Cannot get "heddle.registry" for service "client": it needs no service; name the provider under needs',
    ],
    [alone, "a reactor of one's own has none"],
  ];
  for (const [each, why] of cases) {
    await assertRejects(
      () => connect(each, "mail"),
      ConnectError,
      'Cannot connect to "discover:mail": no registry is in reach; a service with "plugin: discovery" provides ' +
        `one, to those that name it under "needs" (${why})`,
    );
  }
});

Deno.test("a name that no service can have is refused by the parser", () => {
  assertEquals(parseClientEndpoint("discover:mail"), { kind: "discover", service: "mail" });
  for (const text of ["discover:Mail", "discover:a.b", "discover:-"]) {
    assertThrows(
      () => parseClientEndpoint(text),
      EndpointError,
      'service must be a DNS label: a-z, 0-9 and "-", 63 at most',
    );
  }
});
