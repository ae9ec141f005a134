import { z } from "zod";
import { loopbackEndpoint } from "../../services/plugin/loopback_endpoint.ts";

/** What the plugin can be told. */
export const options = z.strictObject({
  listen: loopbackEndpoint().prefault("tcp:127.0.0.1:8081")
    .describe("Where the page is; on 127.0.0.1 where no interface is named"),
  token: z.string().min(16).optional()
    .describe("Must be given where other machines can reach the page; best as ${file:...}"),
});

/** The options, valid. */
export type DashboardOptions = z.output<typeof options>;
