import { invalidChange } from './invalid-change.js';

/** A command in exec form (`["a", "b"]`) or in shell form (a line for a shell). */
export type CommandForm = { readonly form: 'exec'; readonly words: readonly string[] } | { readonly form: 'shell'; readonly line: string };

const ARRAY = /^\[(?:[^"\]]|"(?:[^"\\]|\\.)*")*\]/s;

/**
 * Tells exec form from shell form as Docker does: what starts as a JSON array of strings is one, anything else is a line.
 * Throws `usage` for an array of other things, and for text behind the array, which Docker drops without a word.
 */
export function commandForm(text: string, instruction: string): CommandForm {
  const array = ARRAY.exec(text.trimStart())?.[0];
  // With a list or an object in it, the array ends further behind.
  const words = array === undefined ? undefined : (parseArray(array) ?? parseArray(text));
  if (array === undefined || words === undefined) return { form: 'shell', line: text };
  if (!words.every((word) => typeof word === 'string')) throw invalidChange(instruction, 'the exec form takes strings only, as in ["/bin/app", "--port", "80"]');
  if (text.trim().length > array.length) throw invalidChange(instruction, 'there is text behind the exec form; put it into the list, or write a plain line');
  return { form: 'exec', words };
}

function parseArray(text: string): readonly unknown[] | undefined {
  try {
    return JSON.parse(text) as readonly unknown[];
  } catch {
    return undefined;
  }
}
