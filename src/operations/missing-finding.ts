import type { Closure } from '../image/closure.js';
import type { Finding } from '../image/finding.js';

/** What `report` and `inspect` say of a blob that a manifest names and that should be here. */
export function missingFinding({ descriptor: { digest }, parent }: Closure['missing'][number]): Finding {
  return { check: 'closure', status: 'failed', subject: digest, message: `named by manifest ${parent} and not here: the image is incomplete` };
}
