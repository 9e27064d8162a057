import { isImgkitError } from '../errors.js';
import type { Repository } from './repository.js';

/** Where an image can be pulled from, in order: mirrors first, the registry of the reference last. */
export class PullPlaces {
  readonly #places: Repository[];
  readonly #warn: ((sentence: string) => void) | undefined;
  /** Places that could not say what is about an image, and why. */
  readonly #mute = new Map<Repository, unknown>();

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

  /**
   * What the registry of the reference lists about an image; where it cannot be asked, all that its mirrors list, which may be less, and that
   * is told. Throws its error when no mirror can be asked either.
   */
  async about<T>(ask: (place: Repository) => Promise<readonly T[]>): Promise<readonly T[]> {
    const { origin } = this;
    const found: T[] = [];
    let asked = 0;
    for (const place of [origin, ...this.#places.slice(0, -1)]) {
      if (this.#mute.has(place)) continue;
      try {
        const answer = await ask(place);
        if (place === origin) return answer;
        found.push(...answer);
        asked += 1;
      } catch (error) {
        if (this.#places.length === 1 || isImgkitError(error, 'interrupted')) throw error;
        if (!this.#mute.has(place)) this.#warn?.(`${place.connection.address.name} cannot say what is about this image, such as signatures, so ${place === origin ? 'only its mirrors are asked' : 'it is not asked for that'}: ${(error as Error).message}`);
        this.#mute.set(place, error);
      }
    }
    if (asked === 0) throw this.#mute.get(origin);
    return found;
  }

  /** Does not ask this mirror again; false when `place` is none. */
  leave(place: Repository, error: unknown): boolean {
    if (place === this.origin) return false;
    const at = this.#places.indexOf(place);
    if (at === -1) return true;
    this.#places.splice(at, 1);
    this.#warn?.(`The mirror ${place.connection.address.name} is left out: ${(error as Error).message}`);
    return true;
  }
}
