import type { Address, InetAddress } from "../reactor/address.ts";
import { quote } from "../text/quote.ts";
import { formatIpAddress, parseIpAddress, toIPv6Words } from "./ip_address.ts";
import { inetWords } from "./_proxy_addresses.ts";
import type { ProxyHeader, ProxyHeaderResult } from "./_proxy_header.ts";

/** The longest line there can be, its CRLF included (section 2.1). */
const LONGEST_LINE = 107;
const LF = 10;
const PORT = /^(?:0|[1-9][0-9]{0,4})$/;
const UNKNOWN: ProxyHeader = { command: "proxy", source: null, destination: null };

/** Reads bytes that begin with `PROXY `. */
export function readProxyV1(bytes: Uint8Array): ProxyHeaderResult {
  const line = bytes.subarray(0, LONGEST_LINE);
  const end = line.indexOf(LF);
  if (end < 0) {
    if (line.length < LONGEST_LINE) return { status: "more" };
    return error(`its line must end within ${LONGEST_LINE} bytes`);
  }
  const text = String.fromCharCode(...line.subarray(0, end + 1));
  if (!text.endsWith("\r\n")) return error(`its line must end with CRLF`);
  const header = readLine(text.slice(0, -2));
  return typeof header === "string"
    ? error(`${quote(text.slice(0, -2))}: ${header}`)
    : { status: "header", header, length: end + 1 };
}

function error(reason: string): ProxyHeaderResult {
  return { status: "error", message: `Cannot parse PROXY header: ${reason}` };
}

/** The header, or what is wrong with it. */
function readLine(line: string): ProxyHeader | string {
  const [, protocol, ...fields] = line.split(" ");
  // What follows UNKNOWN is to be ignored (section 2.1).
  if (protocol === "UNKNOWN") return UNKNOWN;
  if (protocol !== "TCP4" && protocol !== "TCP6") return "its protocol must be TCP4, TCP6 or UNKNOWN";
  if (fields.length !== 4) return "it must have two addresses and two ports";
  const [sourceHost, destinationHost, sourcePort, destinationPort] = fields as [
    string,
    string,
    string,
    string,
  ];
  const source = readAddress(protocol, sourceHost, sourcePort);
  const destination = readAddress(protocol, destinationHost, destinationPort);
  if (typeof source === "string") return `its source ${source}`;
  if (typeof destination === "string") return `its destination ${destination}`;
  return { command: "proxy", source, destination };
}

function readAddress(protocol: "TCP4" | "TCP6", host: string, port: string): InetAddress | string {
  const address = host.includes("%") ? null : parseIpAddress(host);
  if (address === null || host.includes(":") !== (protocol === "TCP6")) {
    return `must be an IPv${protocol.at(-1)} address`;
  }
  if (!PORT.test(port) || Number(port) > 65535) return "port must be 0-65535";
  return { transport: "tcp", hostname: formatIpAddress(address), port: Number(port) };
}

/** Writes a line; what version 1 cannot say becomes UNKNOWN. */
export function formatProxyV1({ command, source, destination }: ProxyHeader): Uint8Array {
  const known = command === "proxy" && isTcp(source) && isTcp(destination);
  const line = known ? formatLine(source, destination) : "PROXY UNKNOWN";
  return new TextEncoder().encode(`${line}\r\n`);
}

function isTcp(address: Address | null): address is InetAddress {
  return address?.transport === "tcp";
}

function formatLine(source: InetAddress, destination: InetAddress): string {
  const words = [inetWords(source), inetWords(destination)];
  const four = words.every(({ length }) => length === 1);
  const hosts = words.map((address) =>
    four ? formatIpAddress(address) : formatIpAddress(toIPv6Words(address))
  );
  return `PROXY TCP${four ? 4 : 6} ${hosts.join(" ")} ${source.port} ${destination.port}`;
}
