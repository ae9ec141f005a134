import { HttpError } from "../../../services/http/http_error.ts";
import type { RouteHandler } from "../route/route_kind.ts";

/** Refuses more body than `bytes`: with 413 at once where its length is announced, else when that much has come. */
export function limitBody(handler: RouteHandler, bytes: number): RouteHandler {
  return (request, info, path) => {
    if (request.hasBody) {
      if ((request.contentLength ?? 0) > bytes) {
        throw new HttpError(413, `Body is longer than ${bytes} bytes`);
      }
      request.limitBody(bytes);
    }
    return handler(request, info, path);
  };
}
