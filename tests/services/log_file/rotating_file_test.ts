import fc from "fast-check";
import type { LogFileOptions } from "../../../services/log_file/log_file_options.ts";
import { RotatingFile } from "../../../services/log_file/rotating_file.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../../assert.ts";
import { checkProperty } from "../../property.ts";

/** A folder that lasts for one test, and what is needed to write a log in it. */
class Scene implements Disposable {
  readonly folder = Deno.makeTempDirSync();
  readonly path = `${this.folder}/app.log`;
  readonly problems: string[] = [];
  time = Date.now();

  open(options: Partial<LogFileOptions> = {}): RotatingFile {
    const environment = { now: () => this.time, problem: (message: string) => this.problems.push(message) };
    return new RotatingFile({ path: this.path, maxSize: 20, keep: 2, maxAge: null, ...options }, environment);
  }

  files(): Record<string, string> {
    const names = [...Deno.readDirSync(this.folder)].map(({ name }) => name).sort();
    return Object.fromEntries(names.map((name) => [name, Deno.readTextFileSync(`${this.folder}/${name}`)]));
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

Deno.test("RotatingFile appends to what is there, and counts it", () => {
  using scene = new Scene();
  Deno.writeTextFileSync(scene.path, "before, 16 long\n");
  using file = scene.open();
  file.write(bytes("one\n"));
  file.write(bytes("two\n"));
  assertEquals(scene.files(), { "app.log": "two\n", "app.log.1": "before, 16 long\none\n" });
});

Deno.test("RotatingFile rotates between lines, also within a batch, and keeps no more than it should", () => {
  using scene = new Scene();
  using file = scene.open({ maxSize: 8 });
  file.write(bytes("aaa\nbbb\nccc\nddd\neee\nfff\nggg\n"));
  assertEquals(scene.files(), { "app.log": "ggg\n", "app.log.1": "eee\nfff\n", "app.log.2": "ccc\nddd\n" });
});

Deno.test("RotatingFile gives a line that is longer than a file a file of its own", () => {
  using scene = new Scene();
  using file = scene.open({ maxSize: 8 });
  file.write(bytes("aaa\nlonger than eight\nbbb\n"));
  assertEquals(scene.files(), {
    "app.log": "bbb\n",
    "app.log.1": "longer than eight\n",
    "app.log.2": "aaa\n",
  });
});

Deno.test("RotatingFile with keep: 0 starts afresh", () => {
  using scene = new Scene();
  using file = scene.open({ maxSize: 8, keep: 0 });
  file.write(bytes("aaa\nbbb\nccc\n"));
  assertEquals(scene.files(), { "app.log": "ccc\n" });
});

Deno.test("RotatingFile rotates what has become too old", () => {
  using scene = new Scene();
  using file = scene.open({ maxAge: 60_000 });
  file.write(bytes("old\n"));
  scene.time += 59_000;
  file.write(bytes("not yet\n"));
  scene.time += 2_000;
  file.write(bytes("new\n"));
  assertEquals(scene.files(), { "app.log": "new\n", "app.log.1": "old\nnot yet\n" });
});

Deno.test("RotatingFile loses no line and holds its limits, whatever is written", () => {
  checkProperty(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 6 }), { maxLength: 6 }),
      (batches) => {
        using scene = new Scene();
        using file = scene.open({ keep: 36 });
        const lines = batches.map((lengths) =>
          lengths.map((length, index) => `${"x".repeat(length)}${index}\n`).join("")
        );
        for (const batch of lines) file.write(bytes(batch));
        const files = Object.entries(scene.files());
        for (const [name, text] of files) {
          assert(
            text.length <= 20 || text.indexOf("\n") === text.length - 1,
            `${name} has ${text.length} bytes`,
          );
        }
        const age = (name: string) => Number(name.slice("app.log.".length));
        const oldestFirst = files.sort(([a], [b]) => age(b) - age(a)).map(([, text]) => text);
        assertEquals(oldestFirst.join(""), lines.join(""));
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("RotatingFile.reopen() goes on in a new file after another program moved the old one", () => {
  using scene = new Scene();
  using file = scene.open();
  file.write(bytes("one\n"));
  Deno.renameSync(scene.path, `${scene.path}.moved`);
  file.write(bytes("two\n"));
  file.reopen();
  file.write(bytes("three\n"));
  assertEquals(scene.files(), { "app.log": "three\n", "app.log.moved": "one\ntwo\n" });
  assertEquals(scene.problems, []);
});

Deno.test("RotatingFile.reopen() that fails is told, and the open file stays in use", () => {
  using scene = new Scene();
  using file = scene.open();
  Deno.renameSync(scene.path, `${scene.path}.moved`);
  Deno.mkdirSync(scene.path);
  file.reopen();
  file.write(bytes("still\n"));
  assertEquals(Deno.readTextFileSync(`${scene.path}.moved`), "still\n");
  assertEquals(scene.problems.length, 1);
  assertMatch(
    scene.problems[0]!,
    /^Cannot open log file ".*app\.log": Is a directory; writing goes on in the file that was open$/,
  );
});

Deno.test("RotatingFile that cannot rotate says so, loses nothing, and tries again later", () => {
  using scene = new Scene();
  Deno.mkdirSync(`${scene.path}.1/full`, { recursive: true });
  using file = scene.open({ keep: 1 });
  for (let count = 0; count < 6; count++) file.write(bytes("123456789\n"));
  assertEquals(Deno.readTextFileSync(scene.path).length, 60);
  assertEquals(scene.problems.length, 2);
  assertMatch(
    scene.problems[0]!,
    /^Cannot rotate log file ".*app\.log": Is a directory; it grows on until the next attempt$/,
  );
  Deno.removeSync(`${scene.path}.1`, { recursive: true });
  file.write(bytes("new\n"));
  assertEquals(Deno.readTextFileSync(scene.path), "new\n");
});

Deno.test("RotatingFile names the file that it cannot open", () => {
  using scene = new Scene();
  const path = `${scene.folder}/absent/app.log`;
  const error = assertThrows(() => scene.open({ path }), Error);
  assertEquals(error.message, `Cannot open log file "${path}": No such file or directory`);
});
