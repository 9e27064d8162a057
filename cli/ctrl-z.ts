import type { Progress } from './render/progress/stream.js';

/** Gives the shell a terminal with a cursor, and without bars, when Ctrl-Z stops this process; `fg` finds the terminal as wide as it is then. */
export function stopGracefully({ pause }: Progress): void {
  if (pause === undefined) return;
  const stop = (): void => {
    pause();
    // Without a listener, the signal does what it does to every program.
    process.off('SIGTSTP', stop);
    process.kill(process.pid, 'SIGTSTP');
  };
  process.on('SIGTSTP', stop);
  process.on('SIGCONT', () => {
    process.off('SIGTSTP', stop).on('SIGTSTP', stop);
    // Changes of the width are told to the job in front alone; Node asks for it when it hears of one.
    process.emit('SIGWINCH', 'SIGWINCH');
  });
}
