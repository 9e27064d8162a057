import { isImgkitError } from '../errors.js';
import type { Repository } from './repository.js';

/** Where an image can be pulled from, in order: mirrors first, the registry of the reference last. */
export class PullPlaces {
  readonly #places: Repository[];
  readonly #warn: ((sentence: string) => void) | undefined;

  /** `places` must not be empty. */
  constructor(places: readonly Repository[], warn?: (sentence: string) => void) {
    this.#places = [...places];
    this.#warn = warn;
  }

  /** The repository that the reference names. */
  get origin(): Repository {
    return this.#places.at(-1) as Repository;
  }

  get all(): readonly Repository[] {
    return this.#places;
  }

  /**
   * The first place's answer that is not `undefined`. A mirror that fails is told of once and not asked again; only what the
   * last place throws is thrown.
   */
  async first<T>(ask: (place: Repository) => Promise<T | undefined>): Promise<T | undefined> {
    // A copy: places leave the list on the way.
    for (const place of Array.from(this.#places)) {
      try {
        const answer = await ask(place);
        if (answer !== undefined) return answer;
      } catch (error) {
        if (place === this.origin || isImgkitError(error, 'interrupted')) throw error;
        this.leave(place, error);
      }
    }
    return undefined;
  }

  /** Does not ask this mirror again. */
  leave(place: Repository, error: unknown): void {
    const at = this.#places.indexOf(place);
    if (at === -1 || place === this.origin) return;
    this.#places.splice(at, 1);
    this.#warn?.(`The mirror ${place.connection.address.name} is left out: ${(error as Error).message}`);
  }
}
