import { Scene } from "../acceptance/_scene.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { isMissing } from "../support/programs.ts";

const PAGE = new URL("../../docs/discovery.md", import.meta.url);

Deno.test({
  name: "docs/discovery.md: its curl commands do what it says",
  ignore: isMissing("curl"),
  async fn() {
    await using scene = new Scene(
      "services: { registry: { plugin: discovery, options: { http: { listen: 'tcp:127.0.0.1:0' } } } }",
    );
    await using runner = scene.serve();
    const port = await runner.port("registry");
    const blocks = [...(await Deno.readTextFile(PAGE)).matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
      .map(([, text]) => text!.replaceAll(":7350/", `:${port}/`)).filter((text) => text.includes("curl"));
    const answers: string[] = [];
    for (const text of blocks) {
      const { stdout } = await new Deno.Command("sh", { args: ["-c", text] }).output();
      answers.push(new TextDecoder().decode(stdout));
    }
    const [lists, life, watch, ...others] = answers;
    assertEquals(others, []);
    assertStringIncludes(lists!, '"instances":[]');
    assertEquals(life!.split('"service":"billing"').length - 1, 2, life);
    assert(watch!.startsWith("event: snapshot\n"), watch);
  },
});
