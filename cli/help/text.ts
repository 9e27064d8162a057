import { columnsOf, padEnd, wrap } from '../render/width.js';
import type { Block, Term } from './blocks.js';

/** Columns of every help text. */
export const HELP_WIDTH = 80;

/** Widest first column of a list; a longer word gets a line of its own. */
const WORDS_MOST = 26;

/** Blocks as lines of at most {@link HELP_WIDTH} columns, an empty line between two. */
export function blockLines(blocks: readonly Block[]): readonly string[] {
  return blocks.flatMap((block, i) => (i === 0 || blocks[i - 1]?.kind === 'heading' ? linesOf(block) : ['', ...linesOf(block)]));
}

function linesOf(block: Block): readonly string[] {
  switch (block.kind) {
    case 'text':
      return wrap(block.text, HELP_WIDTH);
    case 'heading':
      return [`${block.text}:`];
    case 'code':
      return block.lines.map((line) => `  ${line}`);
    case 'terms':
      return termLines(block.terms);
  }
}

/** Words at the left, what they mean at the right. */
export function termLines(terms: readonly Term[]): readonly string[] {
  const column = Math.min(WORDS_MOST, Math.max(0, ...terms.map(([word]) => columnsOf(word)).filter((columns) => columns <= WORDS_MOST))) + 4;
  return terms.flatMap(([word, meaning]) => {
    const [first = '', ...rest] = wrap(meaning, HELP_WIDTH - column);
    const indented = rest.map((line) => ' '.repeat(column) + line);
    if (columnsOf(word) + 4 <= column) return [padEnd(`  ${word}`, column) + first, ...indented];
    return [`  ${word}`, ' '.repeat(column) + first, ...indented];
  });
}
