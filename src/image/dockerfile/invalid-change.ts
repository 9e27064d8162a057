import { ImgkitError } from '../../errors.js';

/** The error for an instruction that Docker would refuse too; `problem` is a clause without a full stop. Code `usage`. */
export function invalidChange(instruction: string, problem: string): ImgkitError {
  const shown = instruction.length > 120 ? `${instruction.slice(0, 120)}...` : instruction;
  return new ImgkitError('usage', `${JSON.stringify(shown)}: ${problem}.`, { found: shown });
}
