import { Octet, octets } from "../_octets.ts";
import { headerPairs, type ReplyHeaders } from "../reply.ts";

/**
 * The head of a request, for {@linkcode ClientRequest.head}: request line, `headers` as they are given, and the
 * empty line. `target` is a path with its query, or `*`.
 * @throws {TypeError} naming what cannot be sent
 */
export function requestHead(method: string, target: string, headers: ReplyHeaders): string {
  if (!consistsOf(method, Octet.Token)) throw new TypeError(`Cannot send request: "${method}" is no method`);
  if (!consistsOf(target, Octet.Target)) throw new TypeError("Cannot send request: its target is malformed");
  let head = `${method} ${target} HTTP/1.1\r\n`;
  for (const [name, value] of headerPairs(headers)) {
    if (!consistsOf(name, Octet.Token)) {
      throw new TypeError("Cannot send a header whose name is no token (RFC 9110, section 5.1)");
    }
    if (value !== "" && !consistsOf(value, Octet.FieldValue)) {
      throw new TypeError(`Cannot send header "${name}": its value has a character that is not allowed`);
    }
    head += `${name}: ${value}\r\n`;
  }
  return `${head}\r\n`;
}

function consistsOf(text: string, octet: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (((octets[text.charCodeAt(i)] ?? 0) & octet) === 0) return false;
  }
  return text !== "";
}
