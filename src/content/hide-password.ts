/** `USER:PASSWORD@HOST`, after a scheme or not; a port before, or a digest after the `@`, makes it the name of an image. A password may hold any sign but a blank. */
const LOGIN = /^((?:[a-z][a-z\d+.-]*:\/\/)*[^/:@\s]*):(?!\d+\/)\S*@(?!sha(?:256|512):)(?=\S)/i;

/** A URL whose one `@` stands behind a user alone: its scheme would be taken for a user, and the user for a password. Not of HTTP, where the user may be a token. */
const USER = /^(?:sftp|ftpe?s?|ssh):\/\/[^/:@\s]*@[^@]*$/i;

/** What somebody typed where a place is named, as it may be printed: without what may be a password, which does not belong there. A URL that was understood is shown by `redactUrl`. */
export function hidePassword(text: string): string {
  return USER.test(text) ? text : text.replace(LOGIN, '$1:***@');
}

/** As {@link hidePassword} for what should have been a URL: nor with its query, which may be a signature that opens the door. */
export function hideSecrets(text: string): string {
  return hidePassword(text.replace(/\?.*$/s, '?…'));
}
