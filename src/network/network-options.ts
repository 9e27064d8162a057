/** How hosts are reached and believed. Paths are local files; times are milliseconds. Nothing here holds a secret itself. */
export interface NetworkOptions {
  /** PEM file of certificate authorities that are trusted besides the system's. */
  readonly ca?: string | undefined;
  /** PEM files of a client certificate and its key. */
  readonly clientCert?: string | undefined;
  readonly clientKey?: string | undefined;
  /** The one SSH host key that is accepted, as in `SHA256:base64`. Else `knownHosts` decides. */
  readonly hostKey?: string | undefined;
  /** Default: `~/.ssh/known_hosts`, then `/etc/ssh/ssh_known_hosts`. */
  readonly knownHosts?: string | undefined;
  /** SSH private key file. Default: the agent, then the usual files of `~/.ssh`. */
  readonly sshKey?: string | undefined;
  /** File that holds the passphrase of `sshKey` or `clientKey`. */
  readonly keyPassphraseFile?: string | undefined;
  /** File that holds the password. Else `$IMGKIT_PASSWORD`, then `~/.netrc`, then `askPassword`. */
  readonly passwordFile?: string | undefined;
  /**
   * Asks a person; undefined when nobody is there. Hosts may ask at the same time. `secret` names what is asked for, where the
   * same answer would be right again; a question of the server's own, for a code or with any words it likes, has none.
   */
  readonly askPassword?: ((question: string, secret?: string) => Promise<string | undefined>) | undefined;
  /** Most bytes per second of one transfer. */
  readonly limitRate?: number | undefined;
  /** Default 30 s. */
  readonly connectTimeout?: number | undefined;
  /** Longest silence of a server. Default 60 s. */
  readonly idleTimeout?: number | undefined;
  /** Longest time of one transfer in all. Default: none. */
  readonly totalTimeout?: number | undefined;
  /** Registries (`host:port`) that are spoken to without TLS, or with a certificate that does not verify. */
  readonly insecureRegistries?: readonly string[] | undefined;
  /** Registries asked before the one in the reference, when pulling: `mirror.example:5000`. */
  readonly mirrors?: readonly string[] | undefined;
  /** Origins (`https://auth.example`) besides a registry's own that may receive its credentials. */
  readonly trustedRealms?: readonly string[] | undefined;
  /** Most blobs that are sent to a registry at once. Default 4. */
  readonly concurrency?: number | undefined;
  /** Called with what the user should know once, such as that plain FTP hides nothing. */
  readonly onWarning?: ((sentence: string) => void) | undefined;
}
