import { createRequire } from 'node:module';

declare const IMGKIT_VERSION: string | undefined;

/** The version in package.json; the build inlines it (see build.mjs). */
export function version(): string {
  if (typeof IMGKIT_VERSION === 'string') return IMGKIT_VERSION;
  const { version: found } = createRequire(import.meta.url)('imgkit/package.json') as { readonly version: string };
  return found;
}
