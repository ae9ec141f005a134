import { eventStream, formatEvent } from "../../../services/http/event_stream.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../../assert.ts";
import { scene } from "./_scene.ts";

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

Deno.test("events are written as EventSource reads them", () => {
  assertEquals(formatEvent("a"), "data: a\n\n");
  assertEquals(formatEvent("a\nb\r\nc\rd"), "data: a\ndata: b\ndata: c\ndata: d\n\n");
  assertEquals(
    formatEvent({ data: "a", event: "b", id: "c", retry: 4.2 }),
    "event: b\nid: c\nretry: 4\ndata: a\n\n",
  );
  for (const event of [{ data: "a", event: "b\nc" }, { data: "a", id: "b\rc" }, { data: "a", id: "b\0" }]) {
    assertThrows(() => formatEvent(event), TypeError, "has a line break or NUL");
  }
});

Deno.test("comments fill the silence between events", async () => {
  const next = Promise.withResolvers<void>();
  async function* source() {
    yield "first";
    await next.promise;
    yield "second";
  }
  const { send, reactor } = await scene(() =>
    eventStream(source(), { time: reactor, keepAlive: 1_000, headers: { "x-a": "b" } })
  );
  const client = await send(get);
  await reactor.advance(2_500);
  next.resolve();
  await reactor.advance(500);
  const body = client.text.slice(client.text.indexOf("\r\n\r\n") + 4).split("\r\n").filter((_, n) =>
    n % 2 === 1
  ).join("");
  assertEquals(body, "data: first\n\n:\n\n:\n\ndata: second\n\n");
  for (const field of ["content-type: text/event-stream", "cache-control: no-store", "x-a: b"]) {
    assertStringIncludes(client.text, `${field}\r\n`);
  }
});

Deno.test("a client that leaves ends its source", async () => {
  let returns = 0;
  const source: AsyncIterable<string> & AsyncIterator<string> = {
    [Symbol.asyncIterator]: () => source,
    next: () => new Promise(() => {}),
    return: () => {
      returns++;
      return Promise.resolve({ done: true, value: undefined });
    },
  };
  const { send, reactor } = await scene(() => eventStream(source));
  const client = await send(get);
  client.transport.abortConnection();
  await reactor.advance(31_000);
  assertEquals(returns, 1);
});
