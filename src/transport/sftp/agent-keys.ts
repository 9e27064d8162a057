import type { BaseAgent } from 'ssh2';
import { within } from '../../network/time-limit.js';

/** An agent does not answer at once when it has to be unlocked, but it does answer. */
const AGENT_TIMEOUT = 10_000;

/** The agent of `$SSH_AUTH_SOCK`, if it runs and holds a key that can be used here; else why not. */
export async function findAgent(): Promise<{ readonly agent?: BaseAgent | undefined; readonly note: string }> {
  const socket = process.env['SSH_AUTH_SOCK'];
  if (socket === undefined || socket === '') return { note: 'no SSH agent' };
  const { createAgent } = (await import('ssh2')).default;
  const agent = createAgent(socket);
  try {
    const keys = await within(new Promise<readonly unknown[]>((resolve, reject) => {
      agent.getIdentities((error, found) => (error ? reject(error) : resolve((found as readonly unknown[] | undefined) ?? [])));
    }), AGENT_TIMEOUT, () => new Error('it does not answer'));
    return keys.length === 0 ? { note: 'an SSH agent without keys' } : { agent, note: `${keys.length} key${keys.length === 1 ? '' : 's'} of the SSH agent` };
  } catch (error) {
    return { note: `an SSH agent that cannot be used (${error instanceof Error ? error.message : String(error)})` };
  }
}
