import { logTraffic, trafficLog } from "../../../../services/protocol/policies/traffic_log.ts";
import { recordingLogger } from "../../../../services/testing/recording_logger.ts";
import { assertEquals, assertStrictEquals } from "../../../assert.ts";
import { accepted, Recorder, tcp } from "./peers.ts";

class Greeter extends Recorder {
  override connectionMade(): void {
    this.transport.writeSequence([new TextEncoder().encode("hello"), new TextEncoder().encode("\r\n")]);
  }
}

Deno.test("trafficLog tells of everything, in order, by connection", () => {
  const events: string[] = [];
  const factory = trafficLog(() => new Greeter(), (event) => {
    const detail = "data" in event ? event.data.length : "reason" in event ? event.reason.name : "";
    events.push(`${event.connection} ${event.kind} ${detail}`);
  });
  const first = accepted(factory);
  const second = accepted(factory);
  first.receive("abc");
  second.lose();
  assertEquals(events, [
    "1 made ",
    "1 sent 5",
    "1 sent 2",
    "2 made ",
    "2 sent 5",
    "2 sent 2",
    "1 received 3",
    "2 lost ConnectionDone",
  ]);
  assertStrictEquals(first.text(), "hello\r\n");
});

Deno.test("logTraffic shows content only when asked, and printable", () => {
  const log = recordingLogger();
  for (const options of [{}, { preview: 6 }]) {
    accepted(trafficLog(() => new Recorder(), logTraffic(log, options)), tcp("::1", 9)).receive(
      "A\r\\ä secret",
    );
  }
  const received = log.records.filter((record) => record.message === "Data received");
  assertEquals(received.map((record) => record.fields), [
    { connection: 1, peer: "tcp:[::1]:9", bytes: 12 },
    { connection: 1, peer: "tcp:[::1]:9", bytes: 12, data: "A\\x0d\\x5c\\xc3\\xa4 " },
  ]);
});
