import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { runOrThrow } from '../helpers/run.js';
import { pipelineScripts, pipelinesFolder } from '../samples/pipeline-scripts.js';
import { openPipelineLab } from '../samples/run-pipeline.js';

const toJson = 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout, default=str)';

for (const name of ['github-actions.yml', '.gitlab-ci.yml']) {
  test(`${name}: yamllint has nothing to say, and the scripts are those that the tests run`, async (t) => {
    const path = join(pipelinesFolder, name);
    await runOrThrow('yamllint', ['--strict', '-d', '{extends: default, rules: {line-length: disable}}', path]);
    const parsed = JSON.parse(await runOrThrow('python3', ['-c', toJson], { input: await readFile(path, 'utf8') })) as unknown;
    t.deepEqual(scriptsIn(parsed), (await pipelineScripts(name)).map((script) => script.trim()));
  });
}

test('the steps of a GitHub workflow are steps, those of a GitLab job are jobs of known stages', async (t) => {
  const load = async (name: string): Promise<unknown> => JSON.parse(await runOrThrow('python3', ['-c', toJson], { input: await readFile(join(pipelinesFolder, name), 'utf8') }));
  const workflow = (await load('github-actions.yml')) as { on: object; jobs: Record<string, { 'runs-on': unknown; steps: Record<string, unknown>[] }> };
  t.deepEqual(Object.keys(workflow.on), ['push', 'schedule']);
  for (const [job, { 'runs-on': runsOn, steps }] of Object.entries(workflow.jobs)) {
    t.truthy(runsOn, job);
    for (const step of steps) t.true(('run' in step) !== ('uses' in step) && Object.keys(step).every((key) => ['name', 'run', 'uses', 'with', 'env'].includes(key)), JSON.stringify(step));
  }
  const { stages, variables, ...jobs } = (await load('.gitlab-ci.yml')) as { stages: string[]; variables: object } & Record<string, { stage: string; script: string[] }>;
  t.is(typeof variables, 'object');
  for (const [job, { stage, script }] of Object.entries(jobs)) t.true(stages.includes(stage) && script.length > 0, job);
});

for (const name of ['github-actions.yml', 'Jenkinsfile']) {
  test.serial(`${name}, step by step, from an image to the far side`, async (t) => {
    const lab = await openPipelineLab(t);
    // The signing key is a secret with the key itself in GitHub, and a file in Jenkins.
    const secrets = name === 'Jenkinsfile' ? '' : 'SIGNING_KEY=$(cat "$SIGNING_KEY"); ';
    for (const script of (await pipelineScripts(name)).filter((each) => !each.startsWith('npm install '))) {
      await lab.run('bash', ['-euo', 'pipefail', '-c', `${script.includes('$KEYS') ? secrets : ''}${script}`]).then(({ code, stderr }) => t.is(code, 0, `${script}\n${stderr}`));
    }
    await lab.checkArrival();
  });
}

test.serial('Makefile: ship, ship again, receive', async (t) => {
  const lab = await openPipelineLab(t);
  const variables = Object.entries(lab.variables).map(([name, value]) => `${name}=${value}`);
  const make = (...words: readonly string[]): ReturnType<typeof lab.run> => lab.run('make', ['-f', join(pipelinesFolder, 'Makefile'), ...variables, ...words]);
  t.regex((await make('-n', 'build')).stdout, /^docker build --tag "registry\.acme\.example\/app:v1\.2\.0" \.$/m);
  const builds: string[] = [];
  for (const target of ['ship', 'ship', 'receive', 'clean']) {
    const { code, stdout, stderr } = await make('--warn-undefined-variables', target);
    t.is(code, 0, stderr);
    t.notRegex(stderr, /warning/);
    if (stdout.includes('docker build')) builds.push(target);
  }
  // Once: what goes on after a cut is the same archive.
  t.deepEqual(builds, ['ship']);
  await lab.checkArrival();
});

/** Every `run:` and every line of a `script:`, in order. */
function scriptsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(scriptsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) => {
    if (key === 'run') return [(below as string).trim()];
    return key === 'script' ? (below as string[]).map((line) => line.trim()) : scriptsIn(below);
  });
}
