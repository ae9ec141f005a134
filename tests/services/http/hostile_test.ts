import { Reply } from "../../../services/http/reply.ts";
import { assertEquals } from "../../assert.ts";
import { allCuts, scene } from "./_scene.ts";

/** A request, and the status that it gets; the connection is closed after each. */
type Case = readonly [name: string, request: string, status: number];

const host = "Host: example.org\r\n";
const post = `POST / HTTP/1.1\r\n${host}`;
const chunked = `${post}Transfer-Encoding: chunked\r\n\r\n`;
const limits = { maxHead: 400, maxTarget: 60, maxHeaders: 5, maxBody: 20 };

const cases: readonly Case[] = [
  // The request line
  ["a TLS handshake", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
  ["HTTP/0.9", "GET /\r\n", 400],
  ["no method", ` / HTTP/1.1\r\n${host}\r\n`, 400],
  ["a method in lower case", `get / HTTP/1.1\r\n${host}\r\n`, 501],
  ["a method that nobody knows", `BREW / HTTP/1.1\r\n${host}\r\n`, 501],
  ["a method that is endless", `${"A".repeat(300)} / HTTP/1.1\r\n${host}\r\n`, 501],
  ["a method that is no token", `G(T / HTTP/1.1\r\n${host}\r\n`, 400],
  ["two spaces after the method", `GET  / HTTP/1.1\r\n${host}\r\n`, 400],
  ["a tab after the method", `GET\t/ HTTP/1.1\r\n${host}\r\n`, 400],
  ["two spaces after the target", `GET /  HTTP/1.1\r\n${host}\r\n`, 400],
  ["a space after the version", `GET / HTTP/1.1 \r\n${host}\r\n`, 400],
  ["a space within the target", `GET /a b HTTP/1.1\r\n${host}\r\n`, 400],
  ["no version", `GET / \r\n${host}\r\n`, 400],
  ["a version in lower case", `GET / http/1.1\r\n${host}\r\n`, 400],
  ["a version of another protocol", `GET / ICY/1.1\r\n${host}\r\n`, 400],
  ["a version with two digits", `GET / HTTP/1.10\r\n${host}\r\n`, 400],
  ["HTTP/1.2", `GET / HTTP/1.2\r\n${host}\r\n`, 505],
  ["HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 501],
  ["HTTP/2 in a request line", `GET / HTTP/2.0\r\n${host}\r\n`, 505],
  ["a request line that ends with LF", `GET / HTTP/1.1\n${host}\r\n`, 400],
  ["a request line that ends with CR", `GET / HTTP/1.1\r${host}\r\n`, 400],
  ["two empty lines before a request", `\r\n\r\nGET / HTTP/1.1\r\n${host}\r\n`, 400],
  ["a bare LF before a request", `\nGET / HTTP/1.1\r\n${host}\r\n`, 400],
  ["TRACE", `TRACE / HTTP/1.1\r\n${host}\r\n`, 405],
  ["CONNECT", "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n", 405],

  // The target
  ["a NUL in the target", `GET /\0 HTTP/1.1\r\n${host}\r\n`, 400],
  ["a control character in the target", `GET /\x1f HTTP/1.1\r\n${host}\r\n`, 400],
  ["a fragment in the target", `GET /#a HTTP/1.1\r\n${host}\r\n`, 400],
  ["what is not ASCII in the target", `GET /\xe4 HTTP/1.1\r\n${host}\r\n`, 400],
  ["a target without a slash", `GET a HTTP/1.1\r\n${host}\r\n`, 400],
  ["an asterisk for GET", `GET * HTTP/1.1\r\n${host}\r\n`, 400],
  ["a target of another scheme", `GET ftp://example.org/ HTTP/1.1\r\n${host}\r\n`, 400],
  ["a target with another host", `GET http://example.com/ HTTP/1.1\r\n${host}\r\n`, 400],
  ["a target with a user", `GET http://a@example.org/ HTTP/1.1\r\nHost: a@example.org\r\n\r\n`, 400],
  ["a target that is too long", `GET /${"a".repeat(60)} HTTP/1.1\r\n${host}\r\n`, 414],

  // Host
  ["no Host", "GET / HTTP/1.1\r\n\r\n", 400],
  ["two Hosts", `GET / HTTP/1.1\r\n${host}${host}\r\n`, 400],
  ["an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400],
  ["a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400],
  ["a Host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400],
  ["a Host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400],
  ["a Host with a comma", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400],
  ["a Host with percent-encoding", "GET / HTTP/1.1\r\nHost: a%20b\r\n\r\n", 400],
  ["a Host whose port is none", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400],
  ["a Host that is half an address", "GET / HTTP/1.1\r\nHost: 1.2.3.256\r\n\r\n", 400],
  ["a Host with a broken IPv6 address", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400],
  ["a Host that is not ASCII", "GET / HTTP/1.1\r\nHost: \xe4\r\n\r\n", 400],

  // Fields
  ["a space before the colon", `GET / HTTP/1.1\r\n${host}A : b\r\n\r\n`, 400],
  ["a space before the first field", `GET / HTTP/1.1\r\n ${host}\r\n`, 400],
  ["a folded line", `GET / HTTP/1.1\r\n${host}A: b\r\n c\r\n\r\n`, 400],
  ["a line folded with a tab", `GET / HTTP/1.1\r\n${host}A: b\r\n\tc\r\n\r\n`, 400],
  ["a field without a colon", `GET / HTTP/1.1\r\n${host}A\r\n\r\n`, 400],
  ["a field without a name", `GET / HTTP/1.1\r\n${host}: b\r\n\r\n`, 400],
  ["a name that is no token", `GET / HTTP/1.1\r\n${host}A(b): c\r\n\r\n`, 400],
  ["a name that is not ASCII", `GET / HTTP/1.1\r\n${host}\xe4: c\r\n\r\n`, 400],
  ["a NUL in a value", `GET / HTTP/1.1\r\n${host}A: b\0c\r\n\r\n`, 400],
  ["a control character in a value", `GET / HTTP/1.1\r\n${host}A: b\x07c\r\n\r\n`, 400],
  ["DEL in a value", `GET / HTTP/1.1\r\n${host}A: b\x7fc\r\n\r\n`, 400],
  ["a bare LF after a field", `GET / HTTP/1.1\r\n${host}A: b\n\r\n`, 400],
  ["a bare CR in a value", `GET / HTTP/1.1\r\n${host}A: b\rc\r\n\r\n`, 400],
  ["a head that ends with LF", `GET / HTTP/1.1\r\n${host}\n`, 400],
  ["a head that ends with CR and more", `GET / HTTP/1.1\r\n${host}\rX`, 400],
  ["too many fields", `GET / HTTP/1.1\r\n${host}${"A: b\r\n".repeat(5)}\r\n`, 431],
  ["a head that is too long", `GET / HTTP/1.1\r\n${host}A: ${"b".repeat(400)}\r\n\r\n`, 431],
  ["a name that is too long", `GET / HTTP/1.1\r\n${host}${"b".repeat(400)}: a\r\n\r\n`, 431],
  ["an expectation that nobody knows", `${post}Expect: magic\r\nContent-Length: 1\r\n\r\na`, 417],

  // How long a body is
  ["two lengths", `${post}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, 400],
  ["the same length twice", `${post}Content-Length: 1\r\nContent-Length: 1\r\n\r\na`, 400],
  ["a list of lengths", `${post}Content-Length: 1, 1\r\n\r\na`, 400],
  ["a length with a sign", `${post}Content-Length: +1\r\n\r\na`, 400],
  ["a length below zero", `${post}Content-Length: -1\r\n\r\na`, 400],
  ["a length in hexadecimal", `${post}Content-Length: 0x1\r\n\r\na`, 400],
  ["a length with a fraction", `${post}Content-Length: 1.0\r\n\r\na`, 400],
  ["an empty length", `${post}Content-Length:\r\n\r\n`, 400],
  ["a length with a space within", `${post}Content-Length: 1 1\r\n\r\na`, 400],
  ["a length that no number holds", `${post}Content-Length: ${"9".repeat(30)}\r\n\r\n`, 413],
  ["a length over the limit", `${post}Content-Length: 21\r\n\r\n`, 413],
  ["a length and chunks", `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
  ["chunks and a length", `${post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`, 400],
  ["chunks in HTTP/1.0", `POST / HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
  ["a coding that is not chunked", `${post}Transfer-Encoding: gzip\r\n\r\n`, 400],
  ["chunked, and another coding on top", `${post}Transfer-Encoding: chunked, gzip\r\n\r\n`, 400],
  ["another coding under chunked", `${post}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 501],
  ["chunked twice", `${post}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`, 501],
  [
    "chunked in two fields",
    `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ["an identity coding", `${post}Transfer-Encoding: identity\r\n\r\n`, 400],
  ["an empty coding", `${post}Transfer-Encoding:\r\n\r\n`, 400],
  ["a length with a tab behind it", `${post}Content-Length: 4\t\r\n\r\nabcd`, 400],
  ["chunked with a tab behind it", `${post}Transfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n`, 400],
  ["chunked with a tab and a space behind it", `${post}Transfer-Encoding: chunked\t \r\n\r\n0\r\n\r\n`, 400],
  ["chunked with a vertical tab", `${post}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`, 400],
  ["chunked with a parameter", `${post}Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n`, 400],

  // Chunks
  ["a chunk size that is no number", `${chunked}x\r\n`, 400],
  ["a chunk size that is empty", `${chunked}\r\n`, 400],
  ["a chunk size with a sign", `${chunked}+1\r\na\r\n0\r\n\r\n`, 400],
  ["a chunk size with a prefix", `${chunked}0x1\r\na\r\n0\r\n\r\n`, 400],
  ["a chunk size with a space", `${chunked}1 \r\na\r\n0\r\n\r\n`, 400],
  ["a chunk size that no number holds", `${chunked}${"f".repeat(20)}\r\n`, 413],
  ["a chunk size that ends with LF", `${chunked}1\na\r\n0\r\n\r\n`, 400],
  ["a chunk that is too long for its size", `${chunked}1\r\nab\r\n0\r\n\r\n`, 400],
  ["a chunk that ends with LF", `${chunked}1\r\na\n0\r\n\r\n`, 400],
  ["chunks over the limit", `${chunked}a\r\n${"a".repeat(10)}\r\nb\r\n${"b".repeat(11)}\r\n0\r\n\r\n`, 413],
  ["a bare LF in a chunk extension", `${chunked}1;a\nb\r\na\r\n0\r\n\r\n`, 400],
  ["a NUL in a chunk extension", `${chunked}1;a\0\r\na\r\n0\r\n\r\n`, 400],
  ["a chunk extension without a name", `${chunked}1;\r\na\r\n0\r\n\r\n`, 400],
  ["a chunk extension that is no token", `${chunked}1;{a\r\na\r\n0\r\n\r\n`, 400],
  ["a chunk extension whose quotes are open", `${chunked}1;a="b\r\na\r\n0\r\n\r\n`, 400],
  ["chunk extensions without end", `${chunked}1;${"a".repeat(4_200)}`, 400],
  ["a trailer without a colon", `${chunked}0\r\nA\r\n\r\n`, 400],
  ["a folded trailer", `${chunked}0\r\nA: b\r\n c\r\n\r\n`, 400],
  ["a length among the trailers", `${chunked}0\r\nContent-Length: 3\r\n\r\n`, 400],
  ["a coding among the trailers", `${chunked}0\r\nTRANSFER-ENCODING: chunked\r\n\r\n`, 400],
  ["too many trailers", `${chunked}0\r\n${"A: b\r\n".repeat(6)}\r\n`, 431],
  ["trailers that are too long", `${chunked}0\r\nA: ${"b".repeat(400)}\r\n\r\n`, 431],
];

for (const [name, request, status] of cases) {
  Deno.test(`${name} gets ${status}, however it is cut`, async () => {
    let seen = 0;
    const { reactor, send, log } = await scene(async (request) => {
      await request.bytes();
      seen++;
      return new Reply("seen");
    }, limits);
    const outcomes = new Set<string>();
    for (const pieces of allCuts(request)) {
      const client = await send(...pieces);
      // What comes after a refusal is not looked at.
      client.send(`GET /next HTTP/1.1\r\n${host}\r\n`);
      await reactor.advance(1_500);
      outcomes.add(
        JSON.stringify({ statuses: client.statuses, closed: client.lost !== null, body: client.body }),
      );
      if (client.lost === null) client.transport.abortConnection();
    }
    assertEquals([...outcomes].map((outcome) => JSON.parse(outcome).statuses), [[status]]);
    assertEquals([...outcomes].map((outcome) => JSON.parse(outcome).closed), [true]);
    assertEquals(seen, 0);
    assertEquals(log.records.filter(({ level }) => level !== "debug"), []);
  });
}
