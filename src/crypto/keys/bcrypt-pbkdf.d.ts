/** The package has no types of its own. */
declare module 'bcrypt-pbkdf' {
  /** Fills `key`; returns 0, or -1 when an argument makes no sense. */
  const bcrypt: {
    pbkdf(pass: Uint8Array, passLength: number, salt: Uint8Array, saltLength: number, key: Uint8Array, keyLength: number, rounds: number): number;
  };
  export default bcrypt;
}
