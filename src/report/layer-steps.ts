/** The number of shades that layers are told apart by. */
export const SHADES = 8;

/** The shade of layer `number` of `count`: the base has the first, the top the last. */
export function shadeOf(number: number, count: number): number {
  if (count <= 1) return SHADES - 1;
  return Math.round(((number - 1) * (SHADES - 1)) / (count - 1));
}

/** A step of a build in the words of its Dockerfile, as far as the builder's wrapping can be undone. */
export function plainCommand(createdBy: string): string {
  const text = createdBy.trim();
  const nop = /^\/bin\/sh -c #\(nop\)\s+/.exec(text);
  if (nop !== null) return text.slice(nop[0].length);
  const shell = /^(?:RUN )?\/bin\/(?:ba)?sh -c /.exec(text);
  const plain = shell === null ? text : `RUN ${text.slice(shell[0].length)}`;
  return plain.replace(/ # buildkit$/, '');
}
