import { Application } from "../../services/application.ts";
import {
  DEFAULT_BACKOFF,
  type GroupSpec,
  type ServiceSpec,
  SIGNIFICANT_GIVE_UP,
} from "../../services/application_spec.ts";
import { assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "../assert.ts";

const nothing = () => ({ start() {} });

Deno.test("an application becomes what the supervisor takes, with the defaults of the file's", () => {
  const application = new Application("demo", { strategy: "rest-for-one" });
  application.addService("web", nothing, { needs: ["backend.store"], stopTimeout: 3_000 });
  application.addGroup("backend", { strategy: "one-for-all", restart: "transient" })
    .addService("store", nothing);

  const { name, root } = application.toApplicationSpec();
  assertEquals([name, root.name, root.strategy, root.giveUp], ["demo", "", "rest-for-one", null]);
  const [web, backend] = root.children as [ServiceSpec, GroupSpec];
  const { makeService, ...plain } = web;
  assertStrictEquals(makeService, nothing);
  assertEquals(plain, {
    kind: "service",
    name: "web",
    after: [],
    needs: ["backend.store"],
    restart: "permanent",
    significant: false,
    backoff: DEFAULT_BACKOFF,
    giveUp: null,
    startTimeout: 10_000,
    stopTimeout: 3_000,
    needsGrace: 5_000,
    holdFor: 5_000,
    healthInterval: 10_000,
    replace: "exclusive",
    fingerprint: "",
    options: undefined,
  });
  assertEquals([backend.kind, backend.strategy, backend.restart], ["group", "one-for-all", "transient"]);
  assertEquals(backend.children.map((child) => child.name), ["store"]);
});

Deno.test("what is significant gives up by default, unless it says otherwise", () => {
  const application = new Application("demo");
  application.addService("a", nothing, { significant: true });
  application.addService("b", nothing, { significant: true, giveUp: null });
  application.addGroup("c", { significant: true });
  application.addGroup("d");
  const giveUps = application.toSpec().children.map((child) => child.giveUp);
  assertEquals(giveUps, [SIGNIFICANT_GIVE_UP, null, SIGNIFICANT_GIVE_UP, null]);
});

Deno.test("children keep the order in which they were added, groups and services alike", () => {
  const application = new Application("demo");
  application.addService("a", nothing);
  application.addGroup("b");
  application.addService("c", nothing);
  assertEquals(application.toSpec().children.map((child) => child.name), ["a", "b", "c"]);
});

Deno.test("a name that is taken, or that no path could hold, is refused", () => {
  const application = new Application("demo");
  const inner = application.addGroup("backend").addGroup("deep");
  inner.addService("store", nothing);
  const taken = assertThrows(() => inner.addGroup("store"));
  assertInstanceOf(taken, Error);
  assertEquals(taken.message, 'Cannot add service "backend.deep.store": there is one of that name');
  for (const name of ["", "a.b", "ä", "a b", "__proto__\n"]) {
    assertThrows(() => application.addService(name, nothing), Error, "a name consists of");
  }
  application.addService("__proto__", nothing);
  application.addService("0", nothing);
  assertThrows(() => application.addService("__proto__", nothing), Error, "there is one of that name");
});

Deno.test("a specification is a picture of its moment: what is added later is not in it", () => {
  const application = new Application("demo");
  const spec = application.toSpec();
  application.addService("late", nothing);
  assertEquals(spec.children, []);
});
