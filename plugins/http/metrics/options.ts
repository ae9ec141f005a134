import { z } from "zod";

/** What a `metrics` route tells: everything. */
export const metricsOptions = z.literal(true).describe(
  "true: all metrics of the application, for Prometheus; they tell a stranger much: see allow and basicAuth",
);
