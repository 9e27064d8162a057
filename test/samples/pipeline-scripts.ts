import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

export const pipelinesFolder = join(resolve(import.meta.dirname, '../../..'), 'samples/pipelines');

/** How the shell scripts lie in each kind of file: all of them in blocks, so that they can be read without YAML or Groovy. */
const BLOCKS: Readonly<Record<string, RegExp>> = {
  'github-actions.yml': /^( *)run: \|\n((?:\1 +.*\n)+)/gm,
  '.gitlab-ci.yml': /^( *)- \|\n((?:\1 +.*\n)+)/gm,
  Jenkinsfile: /^( *)sh '''\n((?:.*\n)+?)\1'''$/gm,
};

export const pipelineNames: readonly string[] = Object.keys(BLOCKS);

/** The shell scripts of a pipeline, in order. */
export async function pipelineScripts(name: string): Promise<readonly string[]> {
  const text = await readFile(join(pipelinesFolder, name), 'utf8');
  return [...text.matchAll(BLOCKS[name] as RegExp)].map(([, , body = '']) => {
    const indent = /^ */.exec(body)?.[0].length ?? 0;
    return body.split('\n').map((line) => line.slice(indent)).join('\n');
  });
}

/** Every call of imgkit in a script, as words; variables are left as they are. */
export function callsOf(script: string): readonly (readonly string[])[] {
  const lines = script.replaceAll(/\\\n\s*/g, ' ').split('\n').map((line) => line.trim());
  return lines.filter((line) => /^(?:exec )?imgkit /.test(line)).map((line) => words(line.replace(/^exec /, '')));
}

function words(line: string): readonly string[] {
  const found = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)];
  return found.map(([, double, single, bare]) => double ?? single ?? bare ?? '');
}
