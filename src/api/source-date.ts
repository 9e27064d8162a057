import { formatSeconds, sourceDateEpoch } from '../image/created-time.js';

/** The time that `SOURCE_DATE_EPOCH` sets for what is made, as RFC 3339; undefined when it is not set. Throws `usage`. */
export function sourceDate(): string | undefined {
  const epoch = sourceDateEpoch(process.env['SOURCE_DATE_EPOCH']);
  return epoch === undefined ? undefined : formatSeconds(epoch);
}
