import { assert } from "../assert.ts";
import { Scene } from "./_scene.ts";

const application = `name: shop
services:
  dashboard: { plugin: dashboard, grants: [control], options: { listen: "tcp:127.0.0.1:0" } }
  store: { plugin: process, options: { command: [sleep, "100"] } }
`;

Deno.test("what a program uses is known, though the runtime keeps /proc to itself", async () => {
  await using scene = new Scene(application);
  await using app = scene.serve();
  const [endpoint] = await app.endpoints("dashboard");
  await app.ready();
  const leave = new AbortController();
  const reply = await fetch(`${endpoint!.replace("tcp:", "http://")}/api/events`, { signal: leave.signal });
  const figures: (number | null)[][] = [];
  let text = "";
  for await (const chunk of reply.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const events = text.split("\n\n");
    text = events.pop()!;
    for (const [, data] of events.map((event) => /^data: (.*)$/m.exec(event) ?? [])) {
      if (data !== undefined) figures.push(...(JSON.parse(data).figures ?? []));
    }
    if (figures.some(([, , , , memory]) => memory !== null)) break;
  }
  const [, , , cpu, memory] = figures.find(([, , , , memory]) => memory !== null)!;
  assert(memory! > 100_000, `memory ${memory}`);
  assert(cpu! >= 0, `cpu ${cpu}`);
});
