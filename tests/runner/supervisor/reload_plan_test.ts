import { assertEquals } from "../../assert.ts";
import { formatReloadPlan, planReload } from "../../../runner/supervisor/reload_plan.ts";
import { application, group, service } from "./_specs.ts";

const old = application([
  service("web", { plugin: "http" }),
  service("db", { plugin: "db" }),
  group("back", [service("a"), service("b")]),
]);

Deno.test("planReload() of the same application changes nothing", () => {
  const same = application([
    service("web", { plugin: "http" }),
    service("db", { plugin: "db" }),
    group("back", [service("a"), service("b")]),
  ]);
  assertEquals(planReload(old, same), { steps: [] });
  assertEquals(formatReloadPlan(planReload(old, same)), "nothing changes");
});

Deno.test("planReload() names each unit that changes, and how", () => {
  const plan = planReload(
    old,
    application([
      service("web", { plugin: "http", fingerprint: "2", replace: "overlap" }),
      service("db", { plugin: "db2", fingerprint: "2" }),
      group("back", [service("a", { stopTimeout: 1 }), group("b", [service("c")])], {
        strategy: "one-for-all",
      }),
      service("new"),
    ]),
  );
  assertEquals(formatReloadPlan(plan).split("\n"), [
    "- back.b: remove",
    "~ web: reload, else replace (overlap)",
    "~ db: replace (exclusive)",
    "+ new: add",
    "~ back: settings",
    "~ back.a: settings",
    "+ back.b: add",
  ]);
});

Deno.test("planReload() does not offer options to an instance that is hosted differently", () => {
  const isolated = application([
    service("web", { plugin: "http", hosting: "http process", fingerprint: "2" }),
    ...old.root.children.slice(1),
  ]);
  assertEquals(planReload(old, isolated).steps, [{ path: "web", action: "replace", replace: "exclusive" }]);
});
