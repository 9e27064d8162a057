/** xz-embedded, as the package xz-decompress compiled it; pointers are byte offsets into `memory`. */
export interface XzWasm {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Points to {buffer size, input, input position, input size, output, output position}, 32 bits each. */
  create_context(): number;
  /** The first `size` bytes of the input buffer are new. */
  supply_input(context: number, size: number): void;
  /** Decodes until the input is used up or the output full: `xz_ret` of xz-embedded. */
  get_next_output(context: number): number;
  destroy_context(context: number): void;
}

/** The package's own stream hangs on input that is cut short, and lets only one be read at a time, so only its module is taken. */
interface Holder {
  _getModuleInstance(): Promise<void>;
  readonly _moduleInstance: { readonly exports: XzWasm };
}

/** A module with memory of its own, which goes when nobody needs it. */
export async function loadXzWasm(): Promise<XzWasm> {
  const loaded = (await import('xz-decompress')) as unknown as { readonly XzReadableStream?: Holder; readonly default?: { readonly XzReadableStream: Holder } };
  // CommonJS, whose names Node may not see.
  const holder = loaded.XzReadableStream ?? loaded.default?.XzReadableStream;
  if (holder === undefined) throw new TypeError('xz-decompress has another shape than this version knows');
  await holder._getModuleInstance();
  return holder._moduleInstance.exports;
}
