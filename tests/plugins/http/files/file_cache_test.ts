import { FileCache } from "../../../../plugins/http/files/file_cache.ts";
import { FileMemory } from "../../../../plugins/http/files/file_memory.ts";
import { assertEquals } from "../../../assert.ts";

const MiB = 1024 * 1024;

function paths(cache: FileCache<string>, ...names: string[]): string[] {
  return names.filter((name) => cache.get(name) !== undefined);
}

Deno.test("FileCache makes room by dropping what was not asked for, the oldest first", () => {
  const cache = new FileCache<string>(new FileMemory());
  for (const name of ["a", "b", "c", "d"]) cache.set(name, name, 16 * MiB, 0);
  cache.get("a");
  cache.set("e", "e", 16 * MiB, 0);
  assertEquals(paths(cache, "a", "b", "c", "d", "e"), ["a", "c", "d", "e"]);
});

Deno.test("FileCache: what is larger than all the memory is not kept, and costs the others", () => {
  const cache = new FileCache<string>(new FileMemory());
  cache.set("a", "a", 16 * MiB, 0);
  cache.set("b", "b", 65 * MiB, 0);
  assertEquals(paths(cache, "b"), []);
});

Deno.test("FileCache: routes share their memory, and one that ends gives back its part", () => {
  const memory = new FileMemory();
  const other = new FileCache<string>(memory);
  other.set("a", "a", 60 * MiB, 0);
  const cache = new FileCache<string>(memory);
  cache.set("b", "b", 10 * MiB, 0);
  assertEquals(paths(cache, "b"), [], "it cannot drop what another route keeps");
  other[Symbol.dispose]();
  cache.set("b", "b", 10 * MiB, 0);
  assertEquals(paths(cache, "b"), ["b"]);
});

Deno.test("FileCache remembers a bounded number of paths", () => {
  const cache = new FileCache<string>(new FileMemory());
  const names = Array.from({ length: 5000 }, (_, n) => `/${n}`);
  for (const name of names) cache.set(name, name, 0, 0);
  assertEquals(paths(cache, ...names).length, 4096);
});
