/** Keeps the `size` first items of any number, in the order of `compare`, which must never say that two are equal. */
export class TopList<T> {
  readonly #size: number;
  readonly #compare: (a: T, b: T) => number;
  #items: T[] = [];

  constructor(size: number, compare: (a: T, b: T) => number) {
    this.#size = size;
    this.#compare = compare;
  }

  add(item: T): void {
    this.#items.push(item);
    // Sorting now and then costs less than keeping the order, and memory stays at twice the size.
    if (this.#items.length >= 2 * this.#size + 64) this.#cut();
  }

  /** The items that were kept, in order. */
  sorted(): readonly T[] {
    this.#cut();
    return this.#items;
  }

  #cut(): void {
    this.#items.sort(this.#compare);
    this.#items.length = Math.min(this.#items.length, this.#size);
  }
}
