import { proxyOptions } from "../../../../plugins/http/proxy/options.ts";
import { parseClientEndpoint } from "../../../../services/endpoint/parse.ts";
import { assertEquals } from "../../../assert.ts";

Deno.test("a proxy is an endpoint, several, or a mapping of settings", () => {
  const [one, two] = ["tcp:127.0.0.1:1", "discover:api"].map(parseClientEndpoint);
  const defaults = proxyOptions.parse("tcp:127.0.0.1:1");
  assertEquals(defaults.to, [one!]);
  assertEquals([defaults.balance, defaults.host, defaults.retries], ["round-robin", "keep", 2]);
  assertEquals(proxyOptions.parse(["tcp:127.0.0.1:1", "discover:api"]), { ...defaults, to: [one!, two!] });
  assertEquals(proxyOptions.parse({ to: { tcp: "127.0.0.1:1" }, retries: 0 }), { ...defaults, retries: 0 });
});
