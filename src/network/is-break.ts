import { isImgkitError, type ImgkitError } from '../errors.js';
import { TimeOver } from './time-limit.js';

/** True for failures of the network that may be gone in a while. The end of the time that the caller gave is none: that would be exceeded by trying again. */
export function isBreak(error: unknown): error is ImgkitError {
  return isImgkitError(error, 'network-failed', 'network-timeout', 'network-unreachable') && !(error.cause instanceof TimeOver);
}
