import { assertEquals, assertMatch } from "../assert.ts";
import { Scene } from "./_scene.ts";

/** A mistake per line that says so. */
const EIGHT_MISTAKES = `name: demo
log: { levle: debug }                      # 1: no such key
services:
  web:
    plugin: ehco                           # 2: no such plugin
  front:
    plugin: echo
    needs: [bakc]                          # 3: no such service
    options:
      listen: tcp:80o                      # 4: no port
      idleTimeout: 5 minuts                # 5: no duration
      maxConnections: -1                   # 6: too few
  back:
    plugin: echo
    restart: allways                       # 7: no such choice
    stopTimeout: \${UNSET_VARIABLE}         # 8: no such variable
`;

Deno.test("heddle check shows all eight mistakes of a file, each with its place", async () => {
  await using scene = new Scene(EIGHT_MISTAKES);
  await using checked = scene.check();
  assertEquals(await checked.ended(), 78);
  const places = [...checked.stderr.text.matchAll(/^app\.yaml:(\d+):(\d+): [\w.[\]]+: .+$/gm)];
  const wanted = EIGHT_MISTAKES.split("\n").flatMap((line, i) => / # \d: /.test(line) ? [i + 1] : []);
  assertEquals(places.map(([, line]) => Number(line)), wanted, checked.stderr.text);
  assertMatch(checked.stderr.text, /did you mean "level"/);
  assertMatch(checked.stderr.text, /did you mean "echo"/);
});
