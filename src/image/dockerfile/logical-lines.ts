/** One backslash at the end; two are a backslash, as at the end of a path of Windows. */
const CONTINUED = /(?<!\\)\\[ \t]*$/;

/**
 * The instructions in `text`, one string each, as Docker's parser takes a Dockerfile apart: a backslash at the end of a line
 * continues it; blank lines and lines that start with `#` are left out, between continued lines as well.
 */
export function logicalLines(text: string): readonly string[] {
  const lines: string[] = [];
  let open: string | undefined;
  for (const raw of text.split(/\r?\n|\r$/)) {
    const line: string = open === undefined ? raw.trimStart() : raw;
    if (/^\s*(?:#|$)/.test(line)) continue;
    const continued = CONTINUED.test(line);
    const joined: string = (open ?? '') + (continued ? line.replace(CONTINUED, '') : line);
    if (continued) open = joined;
    else {
      lines.push(joined.trim());
      open = undefined;
    }
  }
  if (open !== undefined) lines.push(open.trim());
  return lines.filter((line) => line !== '');
}
