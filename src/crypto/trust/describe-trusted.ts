import type { Trust } from './trust.js';

const KINDS = { allowedSigners: 'SSH', minisign: 'minisign', cosign: 'PEM, as of cosign', gpg: 'GPG', roots: 'X.509 root' } as const satisfies Partial<Record<keyof Trust, string>>;
const MOST = 4;

/** Who is trusted instead of whoever signed, as `trusted: keys/a.pub (SSH), b.pub (PEM, as of cosign)`: most refusals come from a file of the wrong kind. */
export function describeTrusted(trust: Trust): string {
  const all = (Object.keys(KINDS) as (keyof typeof KINDS)[]).flatMap((list) => trust[list].map(({ name }) => `${name} (${KINDS[list]})`));
  if (all.length === 0) return 'nobody is trusted';
  return `trusted: ${all.slice(0, MOST).join(', ')}${all.length > MOST ? `, and ${all.length - MOST} more` : ''}`;
}
