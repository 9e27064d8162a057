import type { Agent, buildConnector } from 'undici';

/** What straight connections need of undici. Of the agent, `dispatch` and `destroy`: what else it can do is added by the parts that are not loaded. */
export interface AgentParts {
  readonly Agent: typeof Agent;
  readonly buildConnector: typeof buildConnector;
}

/** Loads these parts of undici alone: `fetch`, WebSocket, caches and proxies take longer to load than all else that a command does before it connects. */
export async function loadAgent(): Promise<AgentParts> {
  try {
    const [agent, connector] = await Promise.all([import('undici/lib/dispatcher/agent.js'), import('undici/lib/core/connect.js')]);
    return { Agent: agent.default, buildConnector: connector.default };
  } catch {
    // No version promises that they lie there.
    return import('undici');
  }
}
