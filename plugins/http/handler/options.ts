import { z } from "zod";

/** The module whose handler answers. */
export const handlerOptions = z.string().min(1)
  .describe("Module that default-exports a fetch function, or an object with one, as a Hono application is");

/** As the plugin gets them. */
export type HandlerOptions = z.output<typeof handlerOptions>;
