/**
 * Every bound that protects against hostile or broken input, in one place.
 * Operations that read untrusted bytes take `limits?: Partial<Limits>`; {@link resolveLimits} fills in the rest.
 */
export interface Limits {
  /** Largest JSON control document (manifest, index, manifest.json), bytes. */
  readonly documentBytes: number;
  /** Largest image config, bytes. */
  readonly configBytes: number;
  /** Deepest nesting of a JSON document. */
  readonly jsonDepth: number;
  /** Deepest nesting of an index in an index. */
  readonly indexDepth: number;
  /** Most descriptors one index or manifest may list. */
  readonly descriptors: number;
  /** Most entries an image archive may hold. */
  readonly archiveEntries: number;
  /** Most entries a layer may hold. */
  readonly layerEntries: number;
  /** Largest pax header or GNU long name, bytes. */
  readonly paxBytes: number;
  /** Most records in one pax header. */
  readonly paxRecords: number;
  /** Deepest path in a tar, components. */
  readonly pathDepth: number;
  /** Longest path in a tar, bytes. */
  readonly pathBytes: number;
  /** Most bytes one compressed stream may expand to, per compressed byte, past `ratioFloor`. */
  readonly compressionRatio: number;
  /** Expansion up to this many bytes is always allowed. */
  readonly ratioFloor: number;
}

export const DEFAULT_LIMITS: Limits = Object.freeze({
  documentBytes: 4 * 1024 * 1024,
  configBytes: 8 * 1024 * 1024,
  jsonDepth: 64,
  indexDepth: 4,
  descriptors: 10_000,
  archiveEntries: 100_000,
  layerEntries: 4_000_000,
  paxBytes: 1024 * 1024,
  paxRecords: 10_000,
  pathDepth: 2_000,
  pathBytes: 65_536,
  compressionRatio: 900,
  ratioFloor: 64 * 1024 * 1024,
});

/** `overrides` over {@link DEFAULT_LIMITS}. */
export function resolveLimits(overrides: Partial<Limits> = {}): Limits {
  return { ...DEFAULT_LIMITS, ...overrides };
}
