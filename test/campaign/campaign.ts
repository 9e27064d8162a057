import type { ExecutionContext } from 'ava';
import { faultLab, type FaultLab } from '../faults/fault-lab.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';

export interface CampaignOptions {
  readonly seed: number;
  /** Length of what has no end of its own. */
  readonly minutes: number;
  /** Of the commands that faults are tried on, these alone. Default: all. */
  readonly commands?: readonly string[] | undefined;
  /** Calls of each kind and command, or limits of each command, spread over all. Default: all. */
  readonly samples?: number | undefined;
  readonly say: (line: string) => void;
}

/** A long run; resolves with one line for each broken rule. */
export type Campaign = (options: CampaignOptions) => Promise<readonly string[]>;

/** A workspace for `work`, removed at its end. */
export async function withWorkspace<T>(work: (workspace: Workspace) => Promise<T>): Promise<T> {
  const workspace = await createWorkspace();
  try {
    return await work(workspace);
  } finally {
    await workspace.remove();
  }
}

/** As {@link withWorkspace}, with an archive of three layers and of `mebibytes`. */
export async function withFaultLab<T>(mebibytes: number, work: (lab: FaultLab) => Promise<T>): Promise<T> {
  const endings: (() => unknown)[] = [];
  const context = { teardown: (ending: () => unknown) => endings.push(ending) } as unknown as ExecutionContext;
  try {
    return await work(await faultLab(context, mebibytes));
  } finally {
    for (const ending of endings) await ending();
  }
}
