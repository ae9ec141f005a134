import { Hono } from "hono";
import { HELLO } from "./_replies.ts";

/** A small application, unchanged wherever it runs. */
export const app = new Hono();

app.get("/", (c) => c.text(HELLO));
app.get("/users/:id", (c) => c.json({ id: c.req.param("id") }));
app.post("/users", async (c) => c.json(await c.req.json(), 201));
