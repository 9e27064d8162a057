import { EXTENSION_CASES } from './extension-cases.js';
import { HEADER_CASES } from './header-cases.js';
import { NAME_CASES } from './name-cases.js';
import type { TarCase } from './tar-case.js';

/** Every hostile or odd tar, with its verdict. */
export const TAR_CASES: readonly TarCase[] = [...HEADER_CASES, ...EXTENSION_CASES, ...NAME_CASES];
