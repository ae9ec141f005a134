import { recordingLogger } from "../../../services/testing/recording_logger.ts";
import { assertEquals } from "../../assert.ts";

Deno.test("recordingLogger() keeps level, message and fields in order", () => {
  const log = recordingLogger();
  log.debug("a");
  log.info("b", { n: 1 });
  log.warn("c");
  log.error("d");
  assertEquals(log.records, [
    { level: "debug", message: "a", fields: {} },
    { level: "info", message: "b", fields: { n: 1 } },
    { level: "warn", message: "c", fields: {} },
    { level: "error", message: "d", fields: {} },
  ]);
});
