declare const IMGKIT_VERSION: string | undefined;

/** How requests introduce themselves; the version is known in the built command. */
export function userAgent(): string {
  return typeof IMGKIT_VERSION === 'string' ? `imgkit/${IMGKIT_VERSION}` : 'imgkit';
}
