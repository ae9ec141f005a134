import { brotliCompress, constants, gzip, zstdCompress } from "node:zlib";
import type { Coding } from "./accept_encoding.ts";

/** What is compressed while a client waits is compressed fast: these make nearly the smallest output by far sooner. */
const BROTLI_QUALITY = 5;
const GZIP_LEVEL = 6;
const ZSTD_LEVEL = 6;

/** `bytes` in a content coding; done on another thread. */
export function compressBytes(bytes: Uint8Array, coding: Coding): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const done = (error: Error | null, result: Uint8Array): void => {
    if (error === null) resolve(new Uint8Array(result.buffer, result.byteOffset, result.byteLength));
    else reject(error);
  };
  switch (coding) {
    case "br":
      brotliCompress(bytes, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        },
      }, done);
      break;
    case "gzip":
      gzip(bytes, { level: GZIP_LEVEL }, done);
      break;
    case "zstd":
      zstdCompress(bytes, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } }, done);
      break;
  }
  return promise;
}
