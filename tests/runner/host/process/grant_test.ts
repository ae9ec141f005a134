import {
  describeGrant,
  endpointsIn,
  flagsOf,
  grantOf,
  NO_GRANT,
  permissionsFor,
  placesOf,
} from "../../../../runner/host/process/grant.ts";
import { parseClientEndpoint, parseEndpoint, parseUdpEndpoint } from "../../../../services/endpoint/parse.ts";
import { assertEquals } from "../../../assert.ts";

const tls = "certificate=c.pem:privateKey=k.pem";

Deno.test("grantOf() joins what is asked for, with absolute paths, and leaves the rest denied", () => {
  const grant = grantOf([{ read: ["a", "/b"], net: ["x:1"] }, { read: ["/b"], net: true }, {}], "/srv");
  assertEquals(grant, { ...NO_GRANT, read: ["/b", "/srv/a"], net: true });
});

Deno.test("flagsOf() of nothing is no flag but --no-prompt; commas within values are doubled", () => {
  assertEquals(flagsOf(NO_GRANT), ["--no-prompt"]);
  assertEquals(flagsOf({ ...NO_GRANT, read: ["/a,b", "/c"], run: true }), [
    "--no-prompt",
    "--allow-read=/a,,b,/c",
    "--allow-run",
  ]);
});

Deno.test("endpoints are found wherever they stand in the options, each in its role", () => {
  const options = {
    listen: parseEndpoint("tcp:80"),
    sites: [{ listen: parseEndpoint(`haproxy:tls:443:${tls}`) }, { listen: parseEndpoint("unix:a.sock") }],
    upstream: { to: parseClientEndpoint("tcp:db.example:5432"), or: parseClientEndpoint("unix:/run/db") },
    udp: parseUdpEndpoint("udp:53"),
    kind: "tcp",
  };
  const found = endpointsIn(options);
  assertEquals(placesOf(found), ["tcp:0.0.0.0:80", "tcp:0.0.0.0:443", "unix:a.sock"]);
  assertEquals(permissionsFor(found), {
    net: ["0.0.0.0:53", "db.example:5432", "unix:/run/db"],
    read: ["c.pem", "k.pem", "/run/db"],
    write: ["/run/db"],
  });
});

Deno.test("describeGrant() is for a reader", () => {
  assertEquals(describeGrant(NO_GRANT), "nothing");
  assertEquals(describeGrant({ ...NO_GRANT, net: ["a:1", "b"], env: true }), 'net "a:1" "b", env everything');
});
