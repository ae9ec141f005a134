import fc from "fast-check";
import { WeightedSet } from "../../../services/registry/weighted_set.ts";
import { assertEquals } from "../../assert.ts";
import { checkProperty } from "../../property.ts";

Deno.test("a weighted set draws what a list of its keys, each as often as it weighs, would give", () => {
  const step = fc.record({ key: fc.integer({ min: 0, max: 20 }), weight: fc.integer({ min: -1, max: 5 }) });
  checkProperty(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const set = new WeightedSet<number>();
    const model = new Map<number, number>();
    for (const { key, weight } of steps) {
      if (weight < 0) assertEquals(set.delete(key), model.delete(key));
      else {
        set.set(key, weight);
        model.set(key, weight);
      }
    }
    const total = [...model.values()].reduce((sum, weight) => sum + weight, 0);
    assertEquals([set.size, set.total], [model.size, total]);
    const drawn = new Map<number, number>();
    for (let i = 0; i < total; i++) {
      const key = set.draw((i + 0.5) / total)!;
      drawn.set(key, (drawn.get(key) ?? 0) + 1);
    }
    assertEquals(drawn, new Map([...model].filter(([, weight]) => weight > 0)));
    if (total === 0) assertEquals(set.draw(0), undefined);
  }));
});
