import { Readable, type Transform } from "node:stream";
import { constants, createBrotliCompress, createGzip, createZstdCompress } from "node:zlib";
import type { Coding } from "./accept_encoding.ts";

/** Chunks in a content coding. Each is flushed: what a handler has sent arrives, whatever it does next. */
export async function* compressStream(
  chunks: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>,
  coding: Coding,
): AsyncGenerator<Uint8Array> {
  const source = Readable.from(chunks, { objectMode: true });
  const output = source.pipe(compressor(coding));
  source.on("error", (error) => output.destroy(error));
  try {
    for await (const chunk of output) yield new Uint8Array(chunk);
  } finally {
    source.destroy();
    output.destroy();
  }
}

function compressor(coding: Coding): Transform {
  switch (coding) {
    case "br":
      return createBrotliCompress({
        flush: constants.BROTLI_OPERATION_FLUSH,
        params: { [constants.BROTLI_PARAM_QUALITY]: 4 },
      });
    case "gzip":
      return createGzip({ flush: constants.Z_SYNC_FLUSH });
    case "zstd":
      return createZstdCompress({ flush: constants.ZSTD_e_flush });
  }
}
