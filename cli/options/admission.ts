import { ImgkitError, type AdmissionOptions } from '../../src/index.js';
import type { OptionTable } from '../command.js';
import { toSignatureCheck, trustOptions, type TrustArgs } from './trust.js';

const group = 'Trust:';

/** Whom to believe before anything is written: for commands that move images. */
export const admissionOptions = {
  ...trustOptions,
  'signed-by': { type: 'string', group, requiresArg: true, value: 'NAME', describe: 'Who must have signed: principal, e-mail or name (anyone trusted)' },
  'insecure-accept-unsigned': { type: 'boolean', group, describe: 'Take it though signatures are missing; the result says so' },
} as const satisfies OptionTable;

interface AdmissionArgs extends TrustArgs {
  readonly 'signed-by'?: string | undefined;
  readonly 'insecure-accept-unsigned'?: boolean | undefined;
}

/** The facade's options for {@link admissionOptions}; undefined when no signature is asked for. Throws `usage`. */
export function toAdmission(args: AdmissionArgs): AdmissionOptions | undefined {
  const check = toSignatureCheck(args, args['signed-by']);
  if (check !== undefined) return { ...check, acceptUnsigned: args['insecure-accept-unsigned'] };
  const alone = args['signed-by'] !== undefined ? 'signed-by' : args['insecure-accept-unsigned'] === true ? 'insecure-accept-unsigned' : undefined;
  if (alone === undefined) return undefined;
  throw new ImgkitError('usage', `--${alone} needs somebody to trust: --trust, --key, --cert or --allowed-signers.`);
}

const { statement: _statement, signature: _signature, lookaside: _lookaside, 'insecure-accept-unsigned': _insecure, ...remote } = admissionOptions;

/** Whom to believe about files at hosts: their statements and signatures lie beside them there. */
export const remoteTrustOptions = remote satisfies OptionTable;
