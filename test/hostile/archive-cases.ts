import type { ArchiveCase } from './archive-case.js';
import { CLOSURE_CASES } from './archive-closure-cases.js';
import { DOCUMENT_CASES } from './archive-document-cases.js';
import { STRUCTURE_CASES } from './archive-structure-cases.js';

/** Every hostile or odd image archive, with its verdict. */
export const ARCHIVE_CASES: readonly ArchiveCase[] = [...STRUCTURE_CASES, ...DOCUMENT_CASES, ...CLOSURE_CASES];
