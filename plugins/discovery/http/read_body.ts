import { z } from "zod";
import { HttpError } from "../../../services/http/http_error.ts";
import type { HttpRequest } from "../../../services/http/request.ts";
import { duration } from "../../../services/plugin/zod.ts";
import type { RegistrationOptions } from "../../../services/registry/registry.ts";

/** Octets of a registration. */
const MAX_BODY = 16_384;
/** A lease that is shorter costs more than it is worth, one that is longer is none. Milliseconds. */
const [SHORTEST, LONGEST] = [1_000, 86_400_000];

const schema = z.strictObject({
  service: z.string(),
  endpoint: z.string(),
  tags: z.array(z.string()).optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  state: z.enum(["ready", "draining", "failed"]).optional(),
  weight: z.number().optional(),
  ttl: duration().prefault("30s").refine((ttl) => ttl >= SHORTEST && ttl <= LONGEST, "must be 1s to 1d"),
});

/** What a PUT registers as `id`. @throws {HttpError} 400 or 415 */
export async function readRegistrationBody(
  request: HttpRequest,
  id: string,
): Promise<RegistrationOptions & { readonly id: string }> {
  // What a form of another site could send without asking has another type.
  if (!/^application\/json\b/.test(request.header("content-type") ?? "")) {
    throw new HttpError(415, "Send content-type: application/json");
  }
  request.limitBody(MAX_BODY);
  const parsed = schema.safeParse(await request.json());
  if (parsed.success) return { ...defined(parsed.data), id };
  const [issue] = parsed.error.issues;
  throw new HttpError(
    400,
    `Cannot register the instance: ${issue!.path.join(".") || "body"}: ${issue!.message}`,
  );
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<T>;
}
