import { canonicalReference, formatReference, parseReference } from '../image/reference.js';
import type { Requirement, Policy } from './policy.js';

/** Why `pattern` names no repositories, as the end of a sentence; undefined when it does. Names must be full, so that no two spellings mean one. */
export function patternProblem(pattern: string): string | undefined {
  const below = pattern.endsWith('/*');
  const stem = below ? pattern.slice(0, -2) : pattern;
  // A bare host is no repository: it is checked with one below it (of two parts: one alone would mean library/ on docker.io).
  const name = below ? `${stem}/x/y` : stem;
  try {
    const { tag, digest } = parseReference(name);
    if (tag !== undefined || digest !== undefined) return 'has a tag or digest; rules are for whole repositories';
    if (repositoryOf(name) !== name) return `is short or of another spelling; write ${below ? `${repositoryOf(name).slice(0, -'/x/y'.length)}/*, or a longer prefix` : repositoryOf(name)}`;
    return undefined;
  } catch {
    return 'is no repository; write HOST/NAME, or HOST/NAME/* for everything below';
  }
}

/** The rule that is most specific for a full repository name: the exact one, else the longest prefix, else the fallback. */
export function ruleFor(policy: Policy, repository: string): { readonly pattern: string; readonly requirement: Requirement } {
  let best: { readonly pattern: string; readonly requirement: Requirement } | undefined;
  for (const rule of policy.rules) {
    if (rule.pattern === repository) return rule;
    // The slash belongs to the prefix: team/* is not for teams/app.
    if (rule.pattern.endsWith('/*') && repository.startsWith(rule.pattern.slice(0, -1)) && rule.pattern.length > (best?.pattern.length ?? 0)) best = rule;
  }
  return best ?? { pattern: 'default', requirement: policy.fallback };
}

/** The repository of a full or short image name, in its one spelling: `docker.io/library/app` of `app:1.9`. Throws `reference-invalid`. */
export function repositoryOf(name: string): string {
  const { registry, repository } = canonicalReference(parseReference(name));
  return formatReference({ registry, repository });
}
