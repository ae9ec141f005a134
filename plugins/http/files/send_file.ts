import { Reply } from "../../../services/http/reply.ts";
import type { HttpRequest } from "../../../services/http/request.ts";
import { type ByteRange, parseRanges } from "./byte_ranges.ts";
import { judgeConditions, rangeCounts } from "./conditions.ts";
import { FileBody } from "./file_body.ts";
import type { FileMemory } from "./file_memory.ts";
import { multipartRanges } from "./multipart_ranges.ts";
import type { Representation } from "./representation.ts";

/** The reply to a GET or HEAD of a form of a file: 200, 206, 304, 412 or 416. */
export function sendFile(
  request: HttpRequest,
  form: Representation,
  memory: FileMemory,
): Reply | Promise<Reply> {
  switch (judgeConditions(request, form)) {
    case "not modified":
      return form.notModified;
    case "failed":
      return new Reply("Precondition Failed\n", { status: 412, headers: { etag: form.etag } });
    case "perform":
      break;
  }
  const head = request.method === "HEAD";
  const range = head ? null : request.header("range");
  const ranges = range === null || !rangeCounts(request, form) ? null : parseRanges(range, form.size);
  if (ranges !== null) return sendRanges(form, ranges, memory);
  if (form.whole !== null) return form.whole;
  const headers = { ...form.headers, "content-length": String(form.size) };
  return head
    ? new Reply(null, { headers })
    : sendParts(form, 200, headers, [{ start: 0, end: form.size }], memory);
}

function sendRanges(
  form: Representation,
  ranges: readonly ByteRange[],
  memory: FileMemory,
): Reply | Promise<Reply> {
  const [first, ...others] = ranges;
  if (first === undefined) {
    const headers = { "content-range": `bytes */${form.size}`, etag: form.etag };
    return new Reply("Range Not Satisfiable\n", { status: 416, headers });
  }
  if (others.length > 0) {
    const { parts, length, mediaType } = multipartRanges(ranges, form.size, form.mediaType);
    const headers = { ...form.headers, "content-type": mediaType, "content-length": String(length) };
    return sendParts(form, 206, headers, parts, memory);
  }
  const { start, end } = first;
  const headers = {
    ...form.headers,
    "content-range": `bytes ${start}-${end - 1}/${form.size}`,
    "content-length": String(end - start),
  };
  return sendParts(form, 206, headers, [first], memory);
}

function sendParts(
  form: Representation,
  status: number,
  headers: Readonly<Record<string, string>>,
  parts: readonly (ByteRange | Uint8Array)[],
  memory: FileMemory,
): Reply | Promise<Reply> {
  const { bytes } = form;
  if (bytes === null) {
    const body = memory.kept.body(form, parts);
    if (body !== null) return new Reply(body, { status, headers });
    return Deno.open(form.path).then((file) =>
      new Reply(new FileBody(file, parts, memory.buffers), { status, headers })
    );
  }
  const chunks = parts.map((part) =>
    part instanceof Uint8Array ? part : bytes.subarray(part.start, part.end)
  );
  const body = chunks.length === 1 ? chunks[0]! : concatenated(chunks);
  return new Reply(body, { status, headers });
}

function concatenated(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
