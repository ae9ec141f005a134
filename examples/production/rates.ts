/** A program that knows nothing of Heddle: part of the example in `app.yaml`. */
const path = Deno.env.get("SOCKET")!;

// What a killed predecessor has left behind.
await Deno.remove(path).catch(() => {});

const server = Deno.serve(
  { path, onListen: () => console.log("Listening") },
  () => Response.json({ EUR: 1, USD: 1.08, GBP: 0.86 }),
);
Deno.addSignalListener("SIGTERM", async () => {
  await server.shutdown();
  await Deno.remove(path).catch(() => {});
  Deno.exit();
});
