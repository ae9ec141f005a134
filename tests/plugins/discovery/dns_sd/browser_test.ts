import { Buffer } from "node:buffer";
import { Browser, type FoundService } from "../../../../plugins/discovery/dns_sd/link/browser.ts";
import type { ResourceRecord } from "../../../../services/dns/dns_packet.ts";
import { Clock } from "../../../../services/testing/mod.ts";
import { assertEquals } from "../../../assert.ts";

const NAME = "Printer._ipp._tcp.local";
const PTR: ResourceRecord = { name: "_ipp._tcp.local", type: "PTR", ttl: 100, data: NAME };
const SRV: ResourceRecord = {
  name: NAME,
  type: "SRV",
  ttl: 100,
  flush: true,
  data: { priority: 0, weight: 0, port: 631, target: "printer.local" },
};
const TXT: ResourceRecord = {
  name: NAME,
  type: "TXT",
  ttl: 100,
  flush: true,
  data: [Buffer.from("rp=q")],
};
const A: ResourceRecord = { name: "printer.local", type: "A", ttl: 100, flush: true, data: "10.0.0.9" };

function browsing() {
  const clock = new Clock();
  const asked: string[] = [];
  const known: number[] = [];
  const found: FoundService[] = [];
  const lost: string[] = [];
  const browser = new Browser({
    type: "_ipp._tcp",
    time: clock,
    random: () => 0,
    ask: (questions, knows) => {
      asked.push(...questions.map(({ name, type }) => `${clock.now()} ${type} ${name}`));
      known.push(knows.length);
    },
    found: (service) => found.push(service),
    lost: (name) => lost.push(name),
  });
  return { clock, browser, asked, known, found, lost };
}

Deno.test("it asks less and less often, and tells what it knows", () => {
  const { clock, browser, asked, known } = browsing();
  clock.advance(100);
  browser.heard([PTR, SRV, TXT, A]);
  clock.advance(10_000);
  assertEquals(asked, [20, 1020, 3020, 7020].map((time) => `${time} PTR _ipp._tcp.local`));
  assertEquals(known, [0, 1, 1, 1]);
  browser.close();
});

Deno.test("a service is found when all is known of it, and lost by a goodbye, a second later", () => {
  const { clock, browser, found, lost } = browsing();
  browser.heard([PTR]);
  assertEquals(found, []);
  browser.heard([SRV, TXT, A]);
  assertEquals(found, [{
    name: NAME,
    host: "printer.local",
    port: 631,
    addresses: ["10.0.0.9"],
    txt: { rp: "q" },
  }]);
  browser.heard([PTR, SRV]);
  assertEquals(found.length, 1);
  browser.heard([{ ...PTR, ttl: 0 }]);
  clock.advance(999);
  assertEquals(lost, []);
  clock.advance(1);
  assertEquals(lost, [NAME.toLowerCase()]);
  browser.close();
});

Deno.test("what is missing is asked for, once a second at most", () => {
  const { clock, browser, asked } = browsing();
  browser.heard([PTR]);
  browser.heard([PTR]);
  browser.heard([SRV]);
  clock.advance(10);
  assertEquals(asked, [`0 SRV ${NAME}`, `0 TXT ${NAME}`, "0 A printer.local", "0 AAAA printer.local"]);
  browser.close();
});

Deno.test("what nobody confirms any more is asked for four times before it is lost", () => {
  const { clock, browser, asked, lost } = browsing();
  browser.heard([PTR, { ...SRV, ttl: 1_000 }, { ...TXT, ttl: 1_000 }, { ...A, ttl: 1_000 }]);
  clock.advance(60_000);
  asked.length = 0;
  clock.advance(39_999);
  assertEquals(asked.filter((question) => !question.startsWith("63")), [
    "80000 PTR _ipp._tcp.local",
    "85000 PTR _ipp._tcp.local",
    "90000 PTR _ipp._tcp.local",
    "95000 PTR _ipp._tcp.local",
  ]);
  assertEquals(lost, []);
  clock.advance(1);
  assertEquals(lost, [NAME.toLowerCase()]);
  browser.close();
});

Deno.test("an address with the cache-flush bit takes the place of the old one", () => {
  const { clock, browser, found } = browsing();
  browser.heard([PTR, SRV, TXT, A]);
  clock.advance(5_000);
  browser.heard([{ ...A, data: "10.0.0.10" }]);
  clock.advance(1_000);
  assertEquals(found.at(-1)!.addresses, ["10.0.0.10"]);
  browser.close();
});
