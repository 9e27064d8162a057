import { startFaultProxy, type ConnectionFaults, type FaultProxy } from '../faults/tcp-proxy.js';
import { freePort } from '../helpers/free-port.js';

/**
 * The client only knows 127.0.0.1, where a proxy stands before each port of a server at 127.0.0.2: here those for data, of the same numbers,
 * so many from `passivePort` on. Somebody may have one of them here, or take it meanwhile: then with other numbers.
 */
export async function startDataProxies(count: number, faults?: () => ConnectionFaults | undefined): Promise<{ readonly data: readonly FaultProxy[]; readonly passivePort: number }> {
  for (let attempt = 0; ; attempt += 1) {
    const passivePort = await freePort('127.0.0.2');
    const data: FaultProxy[] = [];
    try {
      for (let port = passivePort; port < passivePort + count; port += 1) data.push(await startFaultProxy({ target: { host: '127.0.0.2', port }, port, faults }));
      return { data, passivePort };
    } catch (error) {
      for (const proxy of data) await proxy.close();
      if (attempt === 5) throw error;
    }
  }
}
