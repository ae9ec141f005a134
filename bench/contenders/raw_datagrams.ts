// UDP echo by hand, with one buffer that is used again for each datagram.
const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
console.log(`ready ${(socket.addr as Deno.NetAddr).port}`);
const buffer = new Uint8Array(64 * 1024);
while (true) {
  const [data, from] = await socket.receive(buffer);
  await socket.send(data, from);
}
