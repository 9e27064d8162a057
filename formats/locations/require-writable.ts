import { requireFilePlace, requireFolderPlace } from '../../src/content/writable-place.js';
import type { Location } from '../../src/image/location.js';
import { requireStorePlace } from '../../src/store/store.js';
import { layoutHint } from '../archive-file.js';

/**
 * Refuses a target in the file system that certainly cannot be written, before anything is read for it. Leaves it as it is; whether hosts,
 * registries and engines take something shows when they are opened. Throws `file-not-found`, `io-failed`.
 */
export async function requireWritable(location: Location, store: string | undefined): Promise<void> {
  switch (location.kind) {
    case 'archive':
    case 'docker-archive':
    case 'oci-archive':
      return location.path === '-' ? undefined : requireFilePlace(location.path, layoutHint(location.path));
    case 'oci-layout':
      return requireFolderPlace(location.path);
    case 'store':
      return requireStorePlace(store);
    default:
      return undefined;
  }
}
