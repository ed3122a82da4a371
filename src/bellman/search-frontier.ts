/** A binary heap of edges by key; equal keys come out in the order they went in. */
export class SearchFrontier {
  readonly #keys: number[] = [];
  /** Order of entry, which is also where the edge's node and action are kept. */
  readonly #orders: number[] = [];
  readonly #nodes: number[] = [];
  readonly #actions: number[] = [];

  get size(): number {
    return this.#keys.length;
  }

  /** Edges that ever went in. */
  get numPushed(): number {
    return this.#nodes.length;
  }

  push(key: number, node: number, action: number): void {
    let at = this.#keys.length;
    const order = this.#nodes.length;
    this.#nodes.push(node);
    this.#actions.push(action);
    this.#keys.push(key);
    this.#orders.push(order);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(key, order, parent)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#put(at, key, order);
  }

  /** The edge with the smallest key. */
  pop(): { key: number; node: number; action: number } {
    const [key, order] = [this.#keys[0] as number, this.#orders[0] as number];
    const lastKey = this.#keys.pop() as number;
    const lastOrder = this.#orders.pop() as number;
    if (this.#keys.length > 0) this.#sink(lastKey, lastOrder);
    return { key, node: this.#nodes[order] as number, action: this.#actions[order] as number };
  }

  #sink(key: number, order: number): void {
    const size = this.#keys.length;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      const right = child + 1;
      const rightKey = this.#keys[right] as number;
      if (right < size && this.#before(rightKey, this.#orders[right] as number, child))
        child = right;
      if (this.#before(key, order, child)) break;
      this.#move(child, at);
      at = child;
    }
    this.#put(at, key, order);
  }

  #before(key: number, order: number, other: number): boolean {
    const otherKey = this.#keys[other] as number;
    return key < otherKey || (key === otherKey && order < (this.#orders[other] as number));
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#keys[from] as number, this.#orders[from] as number);
  }

  #put(at: number, key: number, order: number): void {
    this.#keys[at] = key;
    this.#orders[at] = order;
  }
}
