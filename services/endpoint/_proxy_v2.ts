import type { Address, InetAddress, UnixAddress } from "../reactor/address.ts";
import { quote } from "../text/quote.ts";
import { formatIpAddress, fromWords, toIPv6Words } from "./ip_address.ts";
import { inetWords } from "./_proxy_addresses.ts";
import type { ProxyHeader, ProxyHeaderResult } from "./_proxy_header.ts";

/** What no text protocol begins with (section 2.2). */
export const SIGNATURE_V2: Uint8Array = new TextEncoder().encode("\r\n\r\n\0\r\nQUIT\n");

const HEAD_LENGTH = 16;
/** Addresses take 216 bytes at most; the rest is for extensions, which we skip. */
const LONGEST_BODY = 4096;
const VERSION = 2;
const UNIX_PATH_LENGTH = 108;

const UNSPECIFIED = 0;
const INET = 1;
const INET6 = 2;
const UNIX = 3;
type Family = typeof INET | typeof INET6 | typeof UNIX;
const ADDRESSES_LENGTH: Readonly<Record<Family, number>> = { [INET]: 12, [INET6]: 36, [UNIX]: 216 };

const STREAM = 1;
const DATAGRAM = 2;

/** Reads bytes that begin with the signature. */
export function readProxyV2(bytes: Uint8Array): ProxyHeaderResult {
  if (bytes.length < HEAD_LENGTH) return { status: "more" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[12]! >> 4;
  const command = bytes[12]! & 0xf;
  const family = bytes[13]! >> 4;
  const transport = bytes[13]! & 0xf;
  const bodyLength = view.getUint16(14);
  const length = HEAD_LENGTH + bodyLength;
  if (version !== VERSION) return error(`version ${version} is not known`);
  if (command > 1) return error(`command ${command} is not known`);
  if (bodyLength > LONGEST_BODY) {
    return error(`it has ${bodyLength} bytes, at most ${LONGEST_BODY} are taken`);
  }
  if (command === 0) {
    // The family of LOCAL is to be ignored.
    return complete(bytes, length, () => ({ command: "local", source: null, destination: null }));
  }
  if (transport > DATAGRAM) return error(`transport ${transport} is not known`);
  if (family !== UNSPECIFIED && !isFamily(family)) return error(`address family ${family} is not known`);
  if (family === UNSPECIFIED || transport === UNSPECIFIED) {
    return complete(bytes, length, () => ({ command: "proxy", source: null, destination: null }));
  }
  const least = ADDRESSES_LENGTH[family];
  if (bodyLength < least) return error(`its addresses take ${least} bytes, it has ${bodyLength}`);
  return complete(bytes, length, () => {
    const [source, destination] = readAddresses(view, family, transport === STREAM ? "tcp" : "udp");
    return { command: "proxy", source, destination };
  });
}

function complete(bytes: Uint8Array, length: number, read: () => ProxyHeader): ProxyHeaderResult {
  return bytes.length < length ? { status: "more" } : { status: "header", header: read(), length };
}

function error(reason: string): ProxyHeaderResult {
  return { status: "error", message: `Cannot parse PROXY header: ${reason}` };
}

function isFamily(family: number): family is Family {
  return family in ADDRESSES_LENGTH;
}

function readAddresses(
  view: DataView,
  family: Family,
  transport: "tcp" | "udp",
): [source: Address, destination: Address] {
  if (family === UNIX) {
    return [readPath(view, HEAD_LENGTH), readPath(view, HEAD_LENGTH + UNIX_PATH_LENGTH)];
  }
  const words = family === INET ? 1 : 4;
  const inet = (index: 0 | 1): InetAddress => {
    const start = HEAD_LENGTH + index * words * 4;
    const address = fromWords(Array.from({ length: words }, (_, word) => view.getInt32(start + word * 4)));
    const port = view.getUint16(HEAD_LENGTH + 2 * words * 4 + index * 2);
    return { transport, hostname: formatIpAddress(address), port };
  };
  return [inet(0), inet(1)];
}

/** A path ends at its first zero byte, or fills its field. */
function readPath(view: DataView, start: number): UnixAddress {
  const field = new Uint8Array(view.buffer, view.byteOffset + start, UNIX_PATH_LENGTH);
  const end = field.indexOf(0);
  return { transport: "unix", path: new TextDecoder().decode(end < 0 ? field : field.subarray(0, end)) };
}

/** Writes a header without extensions. */
export function formatProxyV2({ command, source, destination }: ProxyHeader): Uint8Array {
  if (command === "local") return frame(0, UNSPECIFIED, UNSPECIFIED, new Uint8Array(0));
  if (source?.transport === "unix" && destination?.transport === "unix") {
    const body = new Uint8Array(ADDRESSES_LENGTH[UNIX]);
    body.set(pathBytes(source));
    body.set(pathBytes(destination), UNIX_PATH_LENGTH);
    return frame(1, UNIX, STREAM, body);
  }
  if (isInet(source) && isInet(destination) && source.transport === destination.transport) {
    return formatInet(source, destination);
  }
  return frame(1, UNSPECIFIED, UNSPECIFIED, new Uint8Array(0));
}

function isInet(address: Address | null): address is InetAddress {
  return address?.transport === "tcp" || address?.transport === "udp";
}

function formatInet(source: InetAddress, destination: InetAddress): Uint8Array {
  const addresses = [inetWords(source), inetWords(destination)];
  const four = addresses.every(({ length }) => length === 1);
  const words = four ? addresses.flat() : addresses.flatMap(toIPv6Words);
  const body = new Uint8Array(ADDRESSES_LENGTH[four ? INET : INET6]);
  const view = new DataView(body.buffer);
  for (const [index, word] of words.entries()) view.setInt32(index * 4, word);
  view.setUint16(words.length * 4, source.port);
  view.setUint16(words.length * 4 + 2, destination.port);
  return frame(1, four ? INET : INET6, source.transport === "tcp" ? STREAM : DATAGRAM, body);
}

function pathBytes({ path }: UnixAddress): Uint8Array {
  const bytes = new TextEncoder().encode(path);
  if (bytes.length <= UNIX_PATH_LENGTH) return bytes;
  throw new RangeError(
    `Cannot format PROXY header: path ${quote(path)} must be at most ${UNIX_PATH_LENGTH} bytes`,
  );
}

function frame(command: 0 | 1, family: number, transport: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD_LENGTH + body.length);
  bytes.set(SIGNATURE_V2);
  bytes[12] = (VERSION << 4) | command;
  bytes[13] = (family << 4) | transport;
  new DataView(bytes.buffer).setUint16(14, body.length);
  bytes.set(body, HEAD_LENGTH);
  return bytes;
}
