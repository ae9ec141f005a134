// The npm package `ws` on Node, which is told where that is: `node_ws.mjs /path/to/ws/index.js`
import { createRequire } from "node:module";

const { WebSocketServer } = createRequire(import.meta.url)(process.argv[2]);
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
  console.log(`ready ${server.address().port}`);
});
server.on("connection", (socket) => {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});
