/** A chat room: what one WebSocket says, all of them hear. */
import { HttpError, type HttpRequest, type Reply, type RequestInfo } from "@heddle/heddle/http";

const room = new Set<WebSocket>();

export default {
  fetch(request: HttpRequest, info: RequestInfo): Reply {
    if (request.header("upgrade") === null) throw new HttpError(426, "This is for WebSockets");
    const { socket, response } = info.upgradeWebSocket(request, { maxMessage: 1_000 });
    socket.onopen = () => void room.add(socket);
    socket.onclose = () => void room.delete(socket);
    socket.onmessage = ({ data }) => {
      for (const member of room) member.send(data);
    };
    return response;
  },
};
