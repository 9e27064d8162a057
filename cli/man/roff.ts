import type { Block, Term } from '../help/blocks.js';

/** When the texts were last gone through as a whole; a day of the build would change every page with every build. */
const REVISED = '2026-11-21';

/** A page of section 1 in the man macros: its head, then its sections. */
export function manPage(name: string, summary: string, sections: readonly (readonly [title: string, lines: readonly string[]])[]): string {
  const title = name.toUpperCase();
  const lines = [
    `.\\" Made by build-docs.mjs from the command table: do not edit.`,
    `.TH ${roff(title)} 1 "${REVISED}" "imgkit" "imgkit manual"`,
    // What is typed or searched for stays whole: signature-invalid became signature-in-valid, and lines with long words got wide gaps.
    '.nh',
    '.ad l',
    '.SH NAME',
    `${roff(name)} \\- ${roff(summary)}`,
    ...sections.flatMap(([heading, body]) => (body.length === 0 ? [] : [`.SH ${quoted(heading)}`, ...body])),
  ];
  // The first paragraph of a section needs no macro, and linters say so.
  return `${lines.filter((line, i) => line !== '.PP' || !/^\.S[HS] /.test(lines[i - 1] ?? '')).join('\n')}\n`;
}

/** Text as it is: no character of it means anything to roff. */
export function roff(text: string): string {
  const plain = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll("'", '\\(aq').replaceAll('`', '\\(ga').replaceAll('^', '\\(ha').replaceAll('~', '\\(ti').replaceAll('"', '\\(dq');
  return plain.startsWith('.') ? `\\&${plain}` : plain;
}

export function bold(text: string): string {
  return `\\fB${roff(text)}\\fR`;
}

/** `--output FILE`: what is typed as it is in bold, what stands for something else in italics. */
export function flags(word: string): string {
  return word.trim().split(/(, | |=)/).map((part) => (part.startsWith('-') ? bold(part) : /^[A-Z]/.test(part) ? `\\fI${roff(part)}\\fR` : roff(part))).join('');
}

/** A list: words at the left, what they mean under them. */
export function termList(terms: readonly Term[], style: (word: string) => string = bold): readonly string[] {
  return terms.flatMap(([word, meaning]) => ['.TP', style(word), roff(meaning)]);
}

/** Lines as they are typed. */
export function example(lines: readonly string[]): readonly string[] {
  return ['.PP', '.RS 4', '.nf', ...lines.map(roff), '.fi', '.RE'];
}

export function paragraph(text: string): readonly string[] {
  return ['.PP', roff(text)];
}

/** Blocks of a topic, under a heading of their own. */
export function blocksRoff(blocks: readonly Block[]): readonly string[] {
  return blocks.flatMap((block) => {
    switch (block.kind) {
      case 'text':
        return paragraph(block.text);
      case 'heading':
        return [`.SS ${quoted(block.text)}`];
      case 'terms':
        return termList(block.terms, (word) => (word.trim().startsWith('-') ? flags(word) : bold(word)));
      case 'code':
        return example(block.lines);
    }
  });
}

function quoted(text: string): string {
  return `"${roff(text)}"`;
}
