// Postfix's smtp-sink on a free port: says where it listens once it does, and ends with this process.
const reserved = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const { port } = reserved.addr;
reserved.close();
const user = Deno.uid() === 0 ? ["-u", "nobody"] : [];
const sink = new Deno.Command("smtp-sink", {
  args: [...user, "-m", "10000", `127.0.0.1:${port}`, "4096"],
  stdout: "null",
  stderr: "null",
}).spawn();
Deno.addSignalListener("SIGTERM", () => sink.kill("SIGTERM"));
for (let attempt = 0; attempt < 100; attempt++) {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    console.log(`ready ${port} ${sink.pid}`);
    break;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
await sink.status;
