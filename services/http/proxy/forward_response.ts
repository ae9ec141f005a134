import type { ClientResponse } from "../client/client_response.ts";
import { isAmong, isHopByHop, namedByConnection } from "./_hop_by_hop.ts";

/**
 * The fields with which a response goes on to the client: all but those of the upstream's connection.
 * `content-length` stays: it is true of the body, and of what a HEAD or a 304 tells about one.
 */
export function forwardFields({ head, index: fields }: ClientResponse): [name: string, value: string][] {
  const { text } = head;
  const named = namedByConnection(fields, text);
  const pairs: [string, string][] = [];
  for (let field = 0; field < fields.count; field++) {
    if (isHopByHop(fields, field, text)) continue;
    if (named !== null && isAmong(named, fields, field, text)) continue;
    pairs.push([fields.name(field, text), fields.value(field, text)]);
  }
  if (head.contentLength !== null) pairs.push(["content-length", String(head.contentLength)]);
  if (head.status === 101) pairs.push(["upgrade", "websocket"]);
  return pairs;
}
