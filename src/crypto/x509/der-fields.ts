import type { DerNode } from './der-node.js';

/** The parts of one element in their order, as a schema takes them. Whoever took all of them says `end`. */
export class DerFields {
  readonly #owner: DerNode;
  readonly #nodes: Iterator<DerNode>;
  #ahead: DerNode | undefined;

  constructor(owner: DerNode) {
    this.#owner = owner;
    this.#nodes = owner.children();
    this.#advance();
  }

  /** The tag of the next part; undefined at the end. */
  get tag(): number | undefined {
    return this.#ahead?.tag;
  }

  /** The next part, of any type or of that one. Throws when it is missing. */
  next(tag?: number): DerNode {
    const node = this.#ahead;
    if (node === undefined) throw this.#owner.fault('has a DER element with a part missing');
    if (tag !== undefined) node.as(tag);
    this.#advance();
    return node;
  }

  /** The next part if it has that tag. */
  optional(...tags: readonly number[]): DerNode | undefined {
    return this.#ahead !== undefined && tags.includes(this.#ahead.tag) ? this.next() : undefined;
  }

  /** Throws when anything is left: what is not understood is not skipped. */
  end(): void {
    if (this.#ahead !== undefined) throw this.#ahead.fault('has a DER element that does not belong there');
  }

  #advance(): void {
    const { value, done } = this.#nodes.next();
    this.#ahead = done === true ? undefined : (value as DerNode);
  }
}
