import { CannotListenError } from "../../../../services/reactor/errors.ts";
import { type ListenEnvironment, systemdDescriptor } from "../../../../services/reactor/raw/systemd.ts";
import { assertEquals, assertThrows } from "../../../assert.ts";

const environment = { LISTEN_PID: "42", LISTEN_FDS: "3", LISTEN_FDNAMES: "web:admin:web" };

Deno.test("systemdDescriptor() counts from 3, by position or by name", () => {
  assertEquals(systemdDescriptor(0, environment, 42), 3);
  assertEquals(systemdDescriptor(2, environment, 42), 5);
  assertEquals(systemdDescriptor("admin", environment, 42), 4);
  assertEquals(systemdDescriptor(0, { LISTEN_PID: "42", LISTEN_FDS: "1" }, 42), 3);
});

const refusals: readonly [string | number, ListenEnvironment, string][] = [
  [
    "web",
    {},
    'Cannot listen on "systemd:name=web": no sockets were passed (LISTEN_FDS is not set); start it through a ' +
    "systemd .socket unit",
  ],
  [
    0,
    { ...environment, LISTEN_FDS: "many" },
    'Cannot listen on "systemd:index=0": LISTEN_FDS is "many"; it must be a number',
  ],
  [
    0,
    { ...environment, LISTEN_PID: "41" },
    'Cannot listen on "systemd:index=0": sockets were passed to process "41", this is 42; have the unit start it ' +
    "without a wrapper in between, or let the wrapper exec it",
  ],
  [
    3,
    environment,
    'Cannot listen on "systemd:index=3": there is no such socket; 3 were passed, counted from 0',
  ],
  [
    "mail",
    environment,
    'Cannot listen on "systemd:name=mail": no socket has that name; passed are "web", "admin", "web"',
  ],
  [
    "web",
    environment,
    'Cannot listen on "systemd:name=web": several sockets have that name; tell them apart by index, or by ' +
    "FileDescriptorName= in the unit",
  ],
];

for (const [socket, env, message] of refusals) {
  Deno.test(`systemdDescriptor() refuses ${JSON.stringify([socket, env])}`, () => {
    assertEquals(assertThrows(() => systemdDescriptor(socket, env, 42), CannotListenError).message, message);
  });
}
