/** Media types that are text, or built like text. */
const compressibleTypes =
  /^(?:text\/(?!event-stream)[^;]+|[^;]+\+(?:json|xml|text)|application\/(?:json|javascript|xml|wasm|x-javascript|ld\+json|x-ndjson|graphql|rtf|vnd\.ms-fontobject|x-httpd-php)|font\/(?:ttf|otf|sfnt|collection)|image\/(?:bmp|x-icon|vnd\.microsoft\.icon))\s*(?:;|$)/i;

/** Whether content of this media type becomes smaller by compression. Event streams do, and would be held up. */
export function isCompressible(mediaType: string): boolean {
  return compressibleTypes.test(mediaType);
}
