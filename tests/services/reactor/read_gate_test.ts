import { ReadGate } from "../../../services/reactor/_read_gate.ts";
import { assertEquals } from "../../assert.ts";

/** A gate whose turns the test ends. */
class Scene {
  readonly #turns: (() => void)[] = [];
  readonly gate = new ReadGate((fn) => this.#turns.push(fn));
  readonly reads: string[] = [];

  endTurn(): void {
    for (const fn of this.#turns.splice(0)) fn();
  }

  accept(count: number): void {
    for (let i = 0; i < count; i++) this.gate.accepted();
  }

  wait(name: string): void {
    this.gate.wait({ gateOpened: () => this.reads.push(name) });
  }

  get idle(): boolean {
    return this.#turns.length === 0;
  }
}

Deno.test("ReadGate is open until a connection is accepted, and again when a turn brings no more", () => {
  const scene = new Scene();
  assertEquals([scene.gate.closed, scene.idle], [false, true]);
  scene.accept(1);
  assertEquals(scene.gate.closed, true);
  scene.wait("a");
  scene.wait("b");
  scene.endTurn();
  assertEquals([scene.gate.closed, scene.reads], [true, []]);
  scene.endTurn();
  assertEquals([scene.gate.closed, scene.reads, scene.idle], [false, ["a", "b"], true]);
});

Deno.test("ReadGate stays closed while each turn brings another connection", () => {
  const scene = new Scene();
  scene.wait("a");
  for (let i = 0; i < 50; i++) {
    scene.accept(1);
    scene.endTurn();
  }
  assertEquals([scene.gate.closed, scene.reads], [true, []]);
  scene.endTurn();
  assertEquals([scene.gate.closed, scene.reads], [false, ["a"]]);
});

Deno.test("ReadGate lets the others read after 64 in a row: a flood of newcomers starves nobody", () => {
  const scene = new Scene();
  let turns = 0;
  for (let round = 1; round <= 3; round++) {
    scene.wait(`round ${round}`);
    while (scene.reads.length < round) {
      scene.accept(1);
      scene.endTurn();
      turns++;
    }
  }
  assertEquals(turns, 3 * 64);
});

Deno.test("who waits while the gate opens waits for the next time", () => {
  const scene = new Scene();
  scene.accept(1);
  const again = { gateOpened: () => scene.gate.wait(again) };
  scene.gate.wait(again);
  scene.endTurn();
  scene.endTurn();
  assertEquals([scene.gate.closed, scene.idle], [false, true]);
});
