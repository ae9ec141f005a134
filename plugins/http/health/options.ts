import { z } from "zod";

/** What a `health` route tells. */
export const healthOptions = z.union([
  z.enum(["live", "ready"]),
  z.array(z.string().min(1)).min(1),
]).describe(
  "live: 200 while this service runs; ready: while all of the application is ready; or names of services",
);

/** As the plugin gets them. */
export type HealthOptions = z.output<typeof healthOptions>;
