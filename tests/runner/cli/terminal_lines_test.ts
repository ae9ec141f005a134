import { applicationReadyLine, nameWidth, readyLine } from "../../../runner/cli/terminal_lines.ts";
import {
  type GroupSpec,
  SERVICE_DEFAULTS,
  type ServiceSpec,
  UNIT_DEFAULTS,
} from "../../../services/application_spec.ts";
import { assertEquals } from "../../assert.ts";

function service(name: string): ServiceSpec {
  return {
    kind: "service",
    name,
    ...UNIT_DEFAULTS,
    ...SERVICE_DEFAULTS,
    giveUp: null,
    fingerprint: "",
    options: {},
    makeService: () => ({ start() {} }),
  };
}

function group(name: string, ...children: GroupSpec["children"]): GroupSpec {
  return { kind: "group", name, ...UNIT_DEFAULTS, giveUp: null, strategy: "one-for-one", children };
}

Deno.test("readyLine() shows a service with its endpoints and the time it took", () => {
  const endpoints = [
    { transport: "tcp", hostname: "127.0.0.1", port: 7007 },
    { transport: "udp", hostname: "127.0.0.1", port: 7007 },
  ] as const;
  assertEquals(
    readyLine("echo", endpoints, 1.36, 8),
    "  echo      tcp:127.0.0.1:7007  udp:127.0.0.1:7007  (1.4 ms)\n",
  );
  assertEquals(readyLine("cron", [], 123.6, 8), "  cron      (124 ms)\n");
});

Deno.test("applicationReadyLine() tells the time from the start of the process", () => {
  assertEquals(applicationReadyLine("demo", 48.7), "demo: ready in 49 ms\n");
});

Deno.test("nameWidth() fits the longest path, within reason", () => {
  assertEquals(nameWidth(group("", service("a"))), 8);
  assertEquals(nameWidth(group("", group("backend", service("store")))), "backend.store".length);
  assertEquals(nameWidth(group("", service("x".repeat(60)))), 32);
});
