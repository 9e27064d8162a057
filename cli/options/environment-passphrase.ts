/** `IMGKIT_PASSPHRASE`, undefined when it is not set or empty. */
export function environmentPassphrase(): string | undefined {
  return process.env['IMGKIT_PASSPHRASE'] === '' ? undefined : process.env['IMGKIT_PASSPHRASE'];
}
