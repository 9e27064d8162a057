import type { DigestResult, HistoryResult, InspectResult, ListResult, MoveResult, VerifyReport } from '../../src/index.js';
import type { HandImage } from './hand-image.js';
import type { Workspace } from './imgkit.js';

/** What JSON makes of a result: maps become objects, digests plain strings. */
export type AsJson<T> = T extends `${infer _}:${infer _}` ? string : T extends ReadonlyMap<string, infer V> ? { readonly [key: string]: AsJson<V> } : T extends object ? { readonly [K in keyof T]: AsJson<T[K]> } : T;

export type Inspected = AsJson<InspectResult>;
export type Moved = AsJson<MoveResult>;
export type Listed = AsJson<ListResult>;
export type Verified = AsJson<VerifyReport>;
export type Digested = AsJson<DigestResult>;
export type Historied = AsJson<HistoryResult>;

/** What must survive every move of an image. */
export interface Identity {
  readonly imageId: string | undefined;
  readonly diffIds: readonly (string | undefined)[];
}

export function identityOf({ imageId, layers }: Inspected): Identity {
  return { imageId, diffIds: layers.map(({ diffId }) => diffId) };
}

/** The identity of an image made by hand. */
export function identityByHand({ imageId, layers }: HandImage): Identity {
  return { imageId, diffIds: layers.map(({ diffId }) => diffId) };
}

/** Reads an image at `location` closely. */
export function inspect(workspace: Workspace, location: string): Promise<Inspected> {
  return workspace.json<Inspected>(['inspect', location]);
}

/** Verifies `location`, which must be right, and returns the report. */
export function verify(workspace: Workspace, location: string): Promise<Verified> {
  return workspace.json<Verified>(['verify', location]);
}
