import { RequestLog } from "../../../plugins/http/request_log.ts";
import { Clock } from "../../../services/async/clock.ts";
import { recordingLogger } from "../../../services/testing/recording_logger.ts";
import { assertEquals } from "../../assert.ts";
import { ask } from "./_scene.ts";
import { at, startProxy } from "./proxy/_scene.ts";

Deno.test("of a message that comes again and again, five lines a second are written, and the latest with a count", () => {
  const clock = new Clock();
  const written = recordingLogger();
  const log = new RequestLog(written, clock);
  const told = () => written.records.splice(0).map(({ fields }) => [fields.n, fields.notShown]);
  for (let n = 0; n < 100; n++) log.error("Failed", { n });
  assertEquals(told(), [0, 1, 2, 3, 4].map((n) => [n, undefined]));
  clock.advance(999);
  log.error("Failed", { n: 100 });
  assertEquals(told(), []);
  clock.advance(1);
  assertEquals(told(), [[100, 95]]);
  log.error("Failed", { n: 101 });
  assertEquals(told(), [[101, undefined]], "then it begins anew");
});

Deno.test("few lines are all written, and one message does not hide another", () => {
  const clock = new Clock();
  const written = recordingLogger();
  const log = new RequestLog(written, clock);
  for (let second = 0; second < 3; second++) {
    for (let n = 0; n < 5; n++) log.error("Failed");
    clock.advance(1_000);
  }
  for (let n = 0; n < 9; n++) log.error("Failed");
  log.warn("Failed");
  log.error("Another");
  assertEquals(written.records.length, 15 + 5 + 2);
});

Deno.test("a flood of requests that an upstream does not answer is counted in the log, not listed", async () => {
  const { app } = await startProxy({ routes: [{ proxy: at(3001) }] }, 0);
  await using _app = app;
  for (let n = 0; n < 50; n++) assertEquals((await ask(app, "/")).status, 502);
  const failures = () => app.log.records.filter(({ message }) => message.startsWith("Upstream failed"));
  assertEquals(failures().length, 5);
  await app.reactor.advance(1_000);
  assertEquals(failures().length, 6);
  assertEquals(failures().at(-1)!.fields.notShown, 44);
  assertEquals(failures().at(-1)!.fields.upstream, at(3001));
});

Deno.test("a flood of requests that a handler fails on is counted in the log, not listed", async () => {
  const handler = new URL("./fixtures/plain.ts", import.meta.url).pathname;
  const { app } = await startProxy({ routes: [{ handler }] }, 0);
  await using _app = app;
  for (let n = 0; n < 20; n++) assertEquals((await ask(app, "/throw")).status, 500);
  await app.reactor.advance(1_000);
  assertEquals(app.log.records.map(({ fields }) => fields.notShown), [...Array(5), 14]);
});
