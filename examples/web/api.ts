/** A Hono application, mounted as it is by `handler: examples/web/api.ts`. */
import { Hono } from "hono";

const app = new Hono();

app.get("/api/hello/:name", (context) => context.json({ hello: context.req.param("name") }));
app.post("/api/length", async (context) => context.json({ length: (await context.req.text()).length }));

export default app;
