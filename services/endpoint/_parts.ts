import { CidrError, parseCidr } from "./cidr.ts";
import type { CertificateFiles } from "./endpoint.ts";
import { Fault, within } from "./_fault.ts";
import { isIpAddress } from "./ip_address.ts";
import { type Part, textPart } from "./_part.ts";
import { quote } from "../text/quote.ts";

/** A decimal integer between two bounds: no sign, no leading zero, no exponent. */
export function integer(least: number, most: number): Part<number> {
  const must = `must be ${least}-${most}`;
  const check = (value: number) => {
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new Fault(must);
  };
  const parse = (text: string) => {
    if (!/^(?:0|[1-9][0-9]{0,9})$/.test(text)) throw new Fault(must);
    return check(Number(text));
  };
  return {
    parse,
    fromValue: (value) => {
      if (typeof value === "string") return parse(value);
      if (typeof value === "number") return check(value);
      throw new Fault(must);
    },
    format: String,
    schema: { type: "integer", minimum: least, maximum: most },
  };
}

export const serverPort: Part<number> = integer(0, 65535);
export const clientPort: Part<number> = integer(1, 65535);
export const backlog: Part<number> = integer(1, 65535);
export const descriptor: Part<number> = integer(0, 65535);
export const descriptorIndex: Part<number> = integer(0, 65535);

/** An address to bind. Names are refused, but for `localhost`: they would bind whatever they resolve to. */
export const interfaceAddress: Part<string> = textPart({
  parse: (text) => {
    const address = unbracket(text);
    if (address === "localhost") return "127.0.0.1";
    if (isIpAddress(address)) return address;
    throw new Fault(`must be an IP address or "localhost"`);
  },
  format: bracket,
  schema: { type: "string", description: `An IP address or "localhost"` },
  colons: true,
});

const LABEL = /^(?!-)[0-9A-Za-z_-]{1,63}(?<!-)$/;

/** A host to connect to: a DNS name (RFC 1123, and underscores, which container networks use) or an address. */
export const hostname: Part<string> = textPart({
  parse: (text) => {
    const host = unbracket(text);
    if (isIpAddress(host) || isDnsName(host)) return host;
    throw new Fault("must be a DNS name or an IP address");
  },
  format: bracket,
  schema: { type: "string", description: "A DNS name or an IP address" },
  colons: true,
});

/** A name that ends in a number would be a misspelt IPv4 address: such a top-level domain cannot exist. */
function isDnsName(host: string): boolean {
  const labels = host.replace(/\.$/, "").split(".");
  return host.length <= 253 && labels.every((label) => LABEL.test(label)) && !/^[0-9]+$/.test(labels.at(-1)!);
}

function unbracket(text: string): string {
  return text.startsWith("[") && text.endsWith("]") && text.includes(":") ? text.slice(1, -1) : text;
}

function bracket(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** A service in a registry: a DNS label in lower case (RFC 1123). */
export const serviceName: Part<string> = textPart({
  parse: (text) => {
    if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text)) return text;
    throw new Fault(`must be a DNS label: a-z, 0-9 and "-", 63 at most`);
  },
  format: (value) => value,
  schema: { type: "string", pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$" },
});

/** The path of a file. */
export const path: Part<string> = textPart({
  parse: (text) => {
    if (text === "") throw new Fault("must not be empty");
    if (text.includes("\0")) throw new Fault("must not contain a zero byte");
    return text;
  },
  format: (value) => value,
  schema: { type: "string", minLength: 1 },
});

/** What `sun_path` holds on Linux, less the zero byte at its end (unix(7)). */
const LONGEST_SOCKET_PATH = 107;

/** The path of a UNIX socket. */
export const socketPath: Part<string> = textPart({
  ...path,
  parse: (text) => {
    if (new TextEncoder().encode(text).length > LONGEST_SOCKET_PATH) {
      throw new Fault(`must be at most ${LONGEST_SOCKET_PATH} bytes`);
    }
    return path.parse(text);
  },
});

/** Permission bits. In a mapping a string as well: YAML reads the number 0660 as 432, and 660 as 660. */
export const mode: Part<number> = {
  parse: (text) => {
    if (!/^0?[0-7]{1,3}$/.test(text)) throw new Fault("must be octal, 0-777");
    return parseInt(text, 8);
  },
  fromValue: (value) => {
    if (typeof value !== "string") throw new Fault(`must be octal and in quotes, as in "660"`);
    return mode.parse(value);
  },
  format: (value) => value.toString(8).padStart(3, "0"),
  schema: { type: "string", pattern: "^0?[0-7]{1,3}$", description: "Permission bits in octal" },
};

/** `true` or `false`. */
export const flag: Part<boolean> = {
  parse: (text) => {
    if (text === "true" || text === "false") return text === "true";
    throw new Fault(`must be "true" or "false"`);
  },
  fromValue: (value) => {
    if (typeof value === "boolean") return value;
    throw new Fault("must be true or false");
  },
  format: String,
  schema: { type: "boolean" },
};

/** Comma separated in a string; in a mapping that, or a list. */
function list(item: (text: string) => string, schema: object): Part<readonly string[]> {
  const read = (values: readonly unknown[]) => {
    if (values.length === 0) throw new Fault("must name at least one");
    return values.map((value) => {
      if (typeof value !== "string") throw new Fault("must be a list of strings");
      return item(value);
    });
  };
  const parse = (text: string) => read(text.split(","));
  return {
    parse,
    fromValue: (value) => {
      if (Array.isArray(value)) return read(value);
      if (typeof value === "string") return parse(value);
      throw new Fault("must be a list of strings");
    },
    format: (values) => values.join(","),
    schema: {
      ...schema,
      anyOf: [{ type: "string" }, { type: "array", minItems: 1, items: { type: "string" } }],
    },
  };
}

/** As they stand in a string: one after the other, so none of the paths may have a comma in it. */
const pathInList: Part<string> = textPart({
  ...path,
  parse: (text) => {
    if (text.includes(",")) throw new Fault("must not contain a comma");
    return path.parse(text);
  },
});

/** Certificates with their keys: in a mapping a list of pairs, in a string `a.pem,a.key,b.pem,b.key`. */
export const certificates: Part<readonly CertificateFiles[]> = {
  parse: (text) => {
    const paths = text.split(",").map((each) => pathInList.parse(each));
    if (paths.length % 2 !== 0) {
      throw new Fault(`must be certificates, each with its key behind it, as in "a.pem,a.key,b.pem,b.key"`);
    }
    return Array.from(
      { length: paths.length / 2 },
      (_, at) => ({ certificate: paths[2 * at]!, privateKey: paths[2 * at + 1]! }),
    );
  },
  fromValue: (value) => {
    if (typeof value === "string") return certificates.parse(value);
    if (!Array.isArray(value) || value.length === 0) {
      throw new Fault("must be a list of mappings with certificate and privateKey");
    }
    return value.map((entry, at) => within(String(at), `${at + 1}: `, () => certificateFiles(entry)));
  },
  format: (value) => value.flatMap(({ certificate, privateKey }) => [certificate, privateKey]).join(","),
  schema: {
    description: "Certificates chosen by the name that the client asks for; the first one where none has it",
    anyOf: [{ type: "string" }, {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        properties: { certificate: pathInList.schema, privateKey: pathInList.schema },
        required: ["certificate", "privateKey"],
        additionalProperties: false,
      },
    }],
  },
};

function certificateFiles(entry: unknown): CertificateFiles {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
    throw new Fault("must be a mapping with certificate and privateKey");
  }
  const { certificate, privateKey, ...others } = entry as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new Fault(`unknown key ${quote(unknown)}, it takes certificate, privateKey`, [unknown]);
  }
  const read = (key: string, value: unknown) =>
    within(key, `${key} `, () => {
      if (value === undefined) throw new Fault("is missing");
      return pathInList.fromValue(value);
    });
  return { certificate: read("certificate", certificate), privateKey: read("privateKey", privateKey) };
}

/** ALPN protocol names (RFC 7301): 1-255 bytes. Ours are visible ASCII without a comma, as all registered are. */
export const alpn: Part<readonly string[]> = list((name) => {
  if (/^[!-+\--~]{1,255}$/.test(name)) return name;
  throw new Fault(`must be protocol names joined by commas, as in "h2,http/1.1"`);
}, { description: "ALPN protocols in order of preference" });

/** Addresses and blocks of them. */
export const addressBlocks: Part<readonly string[]> = {
  ...list((block) => {
    try {
      parseCidr(block);
      return block;
    } catch (error) {
      if (error instanceof CidrError) throw new Fault(`must be IP addresses or blocks: ${error.message}`);
      throw error;
    }
  }, { description: "IP addresses or CIDR blocks" }),
  colons: true,
};

/** A name of `FileDescriptorName=`: printable ASCII without colons, 1-255 (sd_listen_fds_with_names(3)). */
export const descriptorName: Part<string> = textPart({
  parse: (text) => {
    if (/^[0-9]+$/.test(text)) throw new Fault(`must not be a number: write "index=${text}" for a position`);
    if (!/^[ -9;-~]{1,255}$/.test(text)) throw new Fault("must be 1-255 printable ASCII characters");
    return text;
  },
  format: (value) => value,
  schema: { type: "string", minLength: 1, maxLength: 255 },
});
