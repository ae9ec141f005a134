import { chooseExchangers } from "../../../../plugins/smtp/relay/choose_exchangers.ts";
import { nextAttempt } from "../../../../plugins/smtp/relay/retry_schedule.ts";
import { assertEquals } from "../../../assert.ts";

const mx = (host: string, preference: number) => ({ host, preference });
const choose = (found: ReturnType<typeof mx>[], random = () => 0) =>
  chooseExchangers("there.test", found, "mx.here.test", random);

Deno.test("chooseExchangers() takes the lowest preference first, and equals in a random order", () => {
  const found = [mx("c", 20), mx("a", 10), mx("b", 10), mx("d", 30)];
  const order = (...values: number[]) => choose(found, () => values.shift()!);
  assertEquals(order(0, 0.1, 0.2, 0), { kind: "hosts", hosts: ["a", "b", "c", "d"] });
  assertEquals(order(0, 0.9, 0.2, 0), { kind: "hosts", hosts: ["b", "a", "c", "d"] });
});

Deno.test("chooseExchangers() takes the domain itself where it has no MX, and nobody where that is said", () => {
  assertEquals(choose([]), { kind: "hosts", hosts: ["there.test"] });
  assertEquals(choose([mx("", 0)]), { kind: "none" });
});

Deno.test("chooseExchangers() never leads back to us", () => {
  assertEquals(choose([mx("a", 10), mx("MX.Here.test", 20), mx("b", 20), mx("c", 30)]), {
    kind: "hosts",
    hosts: ["a"],
  });
  assertEquals(choose([mx("mx.here.test", 10), mx("b", 20)]), { kind: "loop" });
});

Deno.test("chooseExchangers() asks no host twice, and not very many", () => {
  assertEquals(choose([mx("a", 10), mx("a", 20)]), { kind: "hosts", hosts: ["a"] });
  const many = choose(Array.from({ length: 100 }, (_, at) => mx(`h${at}`, at)));
  assertEquals(many.kind === "hosts" && many.hosts.length, 8);
});

Deno.test("nextAttempt() waits twice as long each time, a quarter less at random, and not beyond the end", () => {
  const schedule = { first: 100, longest: 1000, giveUp: 10_000 };
  const at = (attempts: number, now: number, random = 0) =>
    nextAttempt(schedule, { receivedAt: 0, attempts, now, random });
  assertEquals([at(1, 0), at(2, 0), at(4, 0), at(9, 0)], [100, 200, 800, 1000]);
  assertEquals([at(1, 0, 0.5), at(1, 9950), at(1, 20_000)], [87.5, 10_000, 20_000]);
});
