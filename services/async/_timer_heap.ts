/** What the heap keeps of a call. The heap alone writes `key` and `index`. */
export interface HeapNode {
  /** When the call is due. */
  time: number;
  /** Rank among calls that are due together. */
  readonly order: number;
  /** False: dead weight, dropped when it comes to the top or when too much of the heap is dead. */
  readonly active: boolean;
  /** The time it is sorted by: `time` or earlier. */
  key: number;
  /** Where it sits in the heap. */
  index: number;
}

/** Below this many nodes the dead ones are not worth a sweep. */
const COMPACT_FROM = 64;

/**
 * Binary heap of timers, least `(time, order)` first, lazy where timers are mostly used: a cancelled
 * node is left where it is, and so is one that was put off (an idle timeout that every chunk resets).
 * Their place is put right when they reach the top.
 */
export class TimerHeap<N extends HeapNode> {
  #nodes: N[] = [];
  #dead = 0;

  /** Active nodes. */
  get size(): number {
    return this.#nodes.length - this.#dead;
  }

  /** Add a node; true when it is earlier than all others. */
  push(node: N): boolean {
    const earliest = this.#earliestKey();
    node.key = node.time;
    this.#nodes.push(node);
    this.#siftUp(node, this.#nodes.length - 1);
    return node.time < earliest;
  }

  /** Give an active node another time; true when that is earlier than all others, and than its own was. */
  move(node: N, time: number): boolean {
    node.time = time;
    if (time >= node.key) return false;
    const earliest = this.#earliestKey();
    node.key = time;
    this.#siftUp(node, node.index);
    return time < earliest;
  }

  /** Take note that one of the nodes is no longer active. O(1), with a sweep now and then. */
  bury(): void {
    this.#dead++;
    // Nobody waits for the dead: the next node that is pushed is the earliest.
    if (this.size === 0) this.clear();
    else if (this.#nodes.length >= COMPACT_FROM && this.#dead > this.#nodes.length / 2) this.#compact();
  }

  /** The earliest active node. */
  peek(): N | undefined {
    for (;;) {
      const top = this.#nodes[0];
      if (top === undefined) return undefined;
      if (!top.active) {
        this.#removeTop();
        this.#dead--;
      } else if (top.time > top.key) {
        top.key = top.time;
        this.#siftDown(top, 0);
      } else {
        return top;
      }
    }
  }

  /** Remove and return the earliest active node. */
  pop(): N | undefined {
    const top = this.peek();
    if (top !== undefined) this.#removeTop();
    return top;
  }

  /** Remove all nodes, and return the active ones in no particular order. */
  clear(): N[] {
    const active = this.active();
    this.#nodes = [];
    this.#dead = 0;
    return active;
  }

  /** The active nodes in no particular order. */
  active(): N[] {
    return this.#nodes.filter((node) => node.active);
  }

  #earliestKey(): number {
    return this.#nodes[0]?.key ?? Infinity;
  }

  #compact(): void {
    this.#nodes = this.clear();
    this.#nodes.forEach((node, index) => {
      node.key = node.time;
      node.index = index;
    });
    for (let index = (this.#nodes.length >> 1) - 1; index >= 0; index--) {
      this.#siftDown(this.#nodes[index]!, index);
    }
  }

  #removeTop(): void {
    const last = this.#nodes.pop()!;
    if (this.#nodes.length > 0) this.#siftDown(last, 0);
  }

  #siftUp(node: N, index: number): void {
    const nodes = this.#nodes;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = nodes[parentIndex]!;
      if (!precedes(node, parent)) break;
      nodes[index] = parent;
      parent.index = index;
      index = parentIndex;
    }
    nodes[index] = node;
    node.index = index;
  }

  #siftDown(node: N, index: number): void {
    const nodes = this.#nodes;
    const firstLeaf = nodes.length >> 1;
    while (index < firstLeaf) {
      let childIndex = 2 * index + 1;
      let child = nodes[childIndex]!;
      const right = nodes[childIndex + 1];
      if (right !== undefined && precedes(right, child)) {
        child = right;
        childIndex++;
      }
      if (!precedes(child, node)) break;
      nodes[index] = child;
      child.index = index;
      index = childIndex;
    }
    nodes[index] = node;
    node.index = index;
  }
}

function precedes(a: HeapNode, b: HeapNode): boolean {
  return a.key < b.key || (a.key === b.key && a.order < b.order);
}
