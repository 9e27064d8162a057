const NAMES = new Set([
  'ABRT', 'ALRM', 'BUS', 'CHLD', 'CLD', 'CONT', 'FPE', 'HUP', 'ILL', 'INT', 'IO', 'IOT', 'KILL', 'PIPE', 'POLL', 'PROF', 'PWR', 'QUIT', 'SEGV',
  'STKFLT', 'STOP', 'SYS', 'TERM', 'TRAP', 'TSTP', 'TTIN', 'TTOU', 'URG', 'USR1', 'USR2', 'VTALRM', 'WINCH', 'XCPU', 'XFSZ', 'RTMIN', 'RTMAX',
]);

/** True for a signal as Docker takes it: a number, or a name with or without SIG; `RTMIN+3` too. */
export function isSignal(text: string): boolean {
  if (/^\d{1,3}$/.test(text)) return Number(text) > 0 && Number(text) <= 64;
  return NAMES.has(text.toUpperCase().replace(/^SIG/, '').replace(/^(RTM(?:IN|AX))[+-]\d{1,2}$/, '$1'));
}
