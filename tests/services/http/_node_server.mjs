// What Node's parser makes of requests: run by `node`, not by Deno. Prints its port, then answers each
// connection with the method, the target and the body of its first request, and closes it; with 400 when it
// refuses that request. What comes after the first is of no interest.
import { createServer } from "node:http";

const seen = new WeakMap();

function answer(socket) {
  const first = seen.get(socket);
  const head = first === undefined ? "HTTP/1.1 400 Bad Request" : "HTTP/1.1 200 OK";
  socket.end(Buffer.from(`${head}\r\n\r\n${first ?? ""}`, "latin1"));
}

const server = createServer((request) => {
  const { socket } = request;
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    if (seen.has(socket)) return;
    seen.set(socket, `${request.method} ${request.url} ${Buffer.concat(chunks).toString("latin1")}`);
    answer(socket);
  });
});
server.on("checkContinue", (request, response) => server.emit("request", request, response));
// The end of a request that was read is told a little later than a fault behind it.
server.on("clientError", (_error, socket) => setImmediate(() => seen.has(socket) || answer(socket)));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
