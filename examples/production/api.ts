/** Answers with the number of the process that it runs in: part of the example in `app.yaml`. */
export default function api(): Response {
  return Response.json({ process: Deno.pid });
}
