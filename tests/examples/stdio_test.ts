import { assertEquals } from "../assert.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

Deno.test("examples/stdio numbers the lines of its standard input, and ends with it", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-net", "examples/stdio/number_lines.ts"],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("one\ntwo\n"));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  assertEquals(new TextDecoder().decode(stderr), "");
  assertEquals([code, new TextDecoder().decode(stdout)], [0, "1\tone\r\n2\ttwo\r\n"]);
});
