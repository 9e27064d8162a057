import { readdir } from 'node:fs/promises';
import type { FaultCommand } from './fault-commands.js';
import type { FaultLab } from './fault-lab.js';
import { callsOf, runInjected, type InjectedFault } from './strace.js';

export interface SweepResult {
  /** Calls of that kind in a run that is not disturbed. */
  readonly calls: number;
  readonly hits: number;
  /** One line for each broken rule. */
  readonly problems: readonly string[];
}

/** Exit codes that say "the disk", and that nothing happened. */
const TOLD = new Set([0, 6]);

/**
 * Lets a command fail at its calls of one kind, one at a time: at each of them, or at `samples` that are spread over all. After
 * each: final names absent or right; the exit code is 6, or 0 with the result there; no stack trace; after an error nothing is
 * left; and the next run succeeds and leaves nothing either, while files that look like leftovers and are not stay.
 */
export async function sweep(lab: FaultLab, command: FaultCommand, fault: InjectedFault, samples?: number): Promise<SweepResult> {
  await command.reset();
  const all = await callsOf(lab, fault, command.args);
  const calls = spread(all, samples);
  const problems: string[] = [];
  let hits = 0;
  for (const call of calls) {
    await command.reset();
    const before = await leftovers(lab);
    const { code, said, hit } = await runInjected(lab, call, fault, command.args);
    if (!hit) continue;
    hits += 1;
    const say = (problem: string): number => problems.push(`${command.name}, ${call.name}:${fault.effect}:when=${call.when}, exit ${code}: ${problem}${said === '' ? '' : `\n    ${said.trim()}`}`);
    const killed = code === 137;
    // What fails at the far end is the peer's, also where that is a folder here.
    if (!killed && !TOLD.has(code) && !(command.name === 'send' && code === 5)) say('another exit code than 6');
    if (/\n\s+at /.test(said)) say('a stack trace');
    if (code === 6 && said.trim() === '') say('no message');
    await command.check().catch((error: unknown) => say(`a final name is there and wrong: ${String(error)}`));
    if (code === 0) await command.done().catch((error: unknown) => say(`success was told, but: ${String(error)}`));
    // A name that cannot be removed stays.
    if (code === 6 && !fault.calls.startsWith('unlink')) {
      const left = (await leftovers(lab)).filter((name) => !before.includes(name) && isDraft(name));
      if (left.length > 0) say(`left ${left.join(', ')}`);
    }
    const next = await lab.imgkit(command.args);
    if (next.code !== 0 && !/exists already/.test(next.stderr)) say(`the next run fails: ${next.stderr.trim()}`);
    await command.check().catch((error: unknown) => say(`after the next run: ${String(error)}`));
    await command.done().catch((error: unknown) => say(`the next run has no result: ${String(error)}`));
    const stays = (await leftovers(lab)).filter((name) => !before.includes(name) && (isDraft(name) || isResumed(name)));
    if (stays.length > 0) say(`the next run leaves ${stays.join(', ')}`);
  }
  return { calls: all.length, hits, problems };
}

/** One of each part of `all`, so that `samples` stand for all; all without a number. */
export function spread<T>(all: readonly T[], samples: number | undefined): readonly T[] {
  return all.filter((_, i) => samples === undefined || all.length <= samples || Math.floor((i * samples) / all.length) !== Math.floor(((i + 1) * samples) / all.length));
}

/** In the control folder of a store or layout, but for the lock, which lasts no longer than its owner. */
const isControl = (name: string): boolean => /\.imgkit\/(?:ingest|leases)\/.|\.draft$|\.imgkit\/break-/.test(name);
/** A part that a network transfer goes on with is no leftover, until it has its name. */
const isResumed = (name: string): boolean => /\.[0-9a-f]{16}(?:[0-9a-f]{24})?\.part(?:\.json)?$/.test(name);
const isDraft = (name: string): boolean => (/\.part$|\.spool$/.test(name) && !isResumed(name)) || isControl(name);

async function leftovers(lab: FaultLab): Promise<readonly string[]> {
  const inStore = await readdir(lab.store, { recursive: true }).catch(() => []);
  return [...(await lab.leftovers()), ...inStore];
}
