import { BatchWriter, type Destination } from "../../../services/log_file/batch_writer.ts";
import { assertEquals } from "../../assert.ts";

interface Recorded {
  readonly writer: BatchWriter;
  readonly batches: string[];
  readonly events: string[];
}

function recorded(write: (batch: string) => void | Promise<void> = () => {}): Recorded {
  const batches: string[] = [];
  const events: string[] = [];
  const destination: Destination = {
    write(batch) {
      const text = new TextDecoder().decode(batch);
      batches.push(text);
      return write(text);
    },
  };
  const writer = new BatchWriter(destination, {
    failed: (error) => events.push(`failed: ${(error as Error).message}`),
    recovered: (lost) => events.push(`recovered: ${lost} lost`),
  });
  return { writer, batches, events };
}

Deno.test("BatchWriter joins the lines of one turn into one write", async () => {
  const { writer, batches } = recorded();
  writer.write("a\n");
  writer.write("b\n");
  assertEquals(batches, []);
  await writer.flush();
  assertEquals(batches, ["a\nb\n"]);
});

Deno.test("BatchWriter joins what comes during a write into the next one", async () => {
  const gate = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const { writer, batches } = recorded(() => {
    entered.resolve();
    return gate.promise;
  });
  writer.write("a\n");
  await entered.promise;
  writer.write("b\n");
  writer.write("c\n");
  gate.resolve();
  await writer.flush();
  assertEquals(batches, ["a\n", "b\nc\n"]);
});

Deno.test("BatchWriter tells of a failure once, and of its end with the number of lines lost", async () => {
  let full = true;
  const { writer, events } = recorded(() => {
    if (full) throw new Error("disk full");
  });
  writer.write("a\n");
  await writer.flush();
  writer.write("b\n");
  writer.write("c\n");
  await writer.flush();
  assertEquals(events, ["failed: disk full"]);
  full = false;
  writer.write("d\n");
  await writer.flush();
  assertEquals(events, ["failed: disk full", "recovered: 3 lost"]);
});

Deno.test("BatchWriter drops lines, and counts them, when a reader stalls", async () => {
  const gate = Promise.withResolvers<void>();
  const { writer, batches, events } = recorded(() => gate.promise);
  const line = `${"x".repeat(1024 * 1024 - 1)}\n`;
  for (let count = 0; count < 10; count++) writer.write(line);
  gate.resolve();
  await writer.flush();
  assertEquals(batches.join("").length, 4 * 1024 * 1024);
  assertEquals(events, ["recovered: 6 lost"]);
});
