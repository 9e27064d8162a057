import { homedir, userInfo } from 'node:os';

/**
 * The user's folder: `HOME`, or, where that is not set or empty, what the system says, and never the folder that one happens to be in.
 * A user whom the system does not know, as in a container that runs under any number, has `/`, as Docker gives it.
 */
export function homeFolder(): string {
  try {
    return homedir() || userInfo().homedir;
  } catch {
    return '/';
  }
}
