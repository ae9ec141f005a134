/** What must not run twice: part of the example in `app.yaml`. */
import { definePlugin, leadership } from "@heddle/heddle";
import { z } from "zod";

export default definePlugin({
  name: "jobs",
  description: "Do what one runner of the fleet does",
  options: z.strictObject({}),
  makeService: () => ({
    start({ log, get }) {
      // Whoever is given work with a lower token than one that it has seen must refuse it.
      log.info("The jobs run here", { fencingToken: get(leadership).fencingToken });
    },
  }),
});
