// `node:http`, on Node or on Deno.
import { createServer } from "node:http";

const server = createServer((_request, response) => response.end("Hello, world!\n"));
server.keepAliveTimeout = 75_000;
server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
  console.log(`ready ${server.address().port}`);
});
