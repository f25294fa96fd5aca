import process from 'node:process';
import { say } from './say.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Lets Ctrl-C and SIGTERM say that what was learned is lost, with `how` it is saved, before they end the process as ever;
 * until the function that it returns is called. Signals arrive only when the event loop gets a turn.
 *
 *     const saved = sayUnsaved('--out FILE saves the classifier');
 */
export function sayUnsaved(how: string): () => void {
  function end(signal: NodeJS.Signals): void {
    stop();
    say(`\nnothing was saved; ${how}`);
    process.kill(process.pid, signal);
  }
  function stop(): void {
    for (const signal of SIGNALS) process.off(signal, end);
  }
  for (const signal of SIGNALS) process.on(signal, end);
  return stop;
}
