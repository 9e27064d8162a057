/** What the well-known labels say about an image. */
export type LabelName =
  | 'title' | 'version' | 'revision' | 'created' | 'source' | 'url' | 'vendor' | 'licenses' | 'description'
  | 'documentation' | 'authors' | 'ref name' | 'base name' | 'base digest';

/** One statement, with the label it comes from. */
export interface LabelFact {
  readonly name: LabelName;
  readonly value: string;
  readonly label: string;
  /** Other labels that say something else about the same. */
  readonly contradicts: readonly string[];
}

const OCI = 'org.opencontainers.image.';
const SCHEMA = 'org.label-schema.';

/** Labels for each fact, the one to believe first (OCI annotations.md; label-schema.org 1.0, which it replaces). */
const SOURCES: readonly (readonly [LabelName, ...string[]])[] = [
  ['title', `${OCI}title`, `${SCHEMA}name`],
  ['version', `${OCI}version`, `${SCHEMA}version`],
  ['revision', `${OCI}revision`, `${SCHEMA}vcs-ref`],
  ['created', `${OCI}created`, `${SCHEMA}build-date`],
  ['source', `${OCI}source`, `${SCHEMA}vcs-url`],
  ['url', `${OCI}url`, `${SCHEMA}url`],
  ['vendor', `${OCI}vendor`, `${SCHEMA}vendor`],
  ['licenses', `${OCI}licenses`, `${SCHEMA}license`],
  ['description', `${OCI}description`, `${SCHEMA}description`],
  ['documentation', `${OCI}documentation`, `${SCHEMA}usage`],
  ['authors', `${OCI}authors`, 'maintainer'],
  ['ref name', `${OCI}ref.name`],
  ['base name', `${OCI}base.name`],
  ['base digest', `${OCI}base.digest`],
];

/**
 * The well-known labels merged into one view, in a fixed order, empty ones left out. OCI labels win over label-schema's.
 * Values are the publisher's words: escape them before printing.
 */
export function inspectLabels(labels: ReadonlyMap<string, string>): readonly LabelFact[] {
  const facts: LabelFact[] = [];
  for (const [name, ...sources] of SOURCES) {
    const [first, ...others] = sources.filter(label => labels.get(label));
    if (first === undefined) continue;
    const value = labels.get(first) ?? '';
    facts.push({ name, value, label: first, contradicts: others.filter(label => labels.get(label) !== value) });
  }
  return facts;
}
