import { fileURLToPath } from 'node:url';
import { command } from '../../pipelines/cli/command.js';

/** Options of every kind. */
const OPTIONS = {
  flag: { kind: 'flag', help: '' },
  text: { kind: 'text', help: '' },
  cell: { kind: 'text', choices: ['rnn', 'lstm'], initial: 'rnn', help: '' },
  steps: { kind: 'count', most: 1000, help: '' },
  seed: { kind: 'seed', initial: 0, help: '' },
  rate: { kind: 'number', initial: 0.1, help: '' },
} as const;

const SCRIPT = new URL('script.ts', import.meta.url); // need not exist

/** Reads arguments as a pipeline does; throws an Error with its message on stderr where it refuses them. */
export async function readFlags(args: readonly string[]): Promise<void> {
  const { argv, stdout, stderr } = process;
  const before = { argv, exitCode: process.exitCode, out: stdout.write, err: stderr.write };
  const said = { out: '', err: '' };
  let ran = false;
  stdout.write = (text: string | Uint8Array): boolean => ((said.out += String(text)), true);
  stderr.write = (text: string | Uint8Array): boolean => ((said.err += String(text)), true);
  process.argv = ['node', fileURLToPath(SCRIPT), ...args];
  process.exitCode = 0;
  try {
    await command(SCRIPT.href, {
      about: 'A script.',
      argument: 'FILE',
      options: OPTIONS,
      run({ flag, text, cell, steps, seed, rate }) {
        ran = true;
        const wrong = [
          typeof flag !== 'boolean',
          text === '',
          cell !== 'rnn' && cell !== 'lstm',
          steps !== undefined && !(Number.isInteger(steps) && steps >= 1 && steps <= 1000),
          !(Number.isInteger(seed) && seed >= 0 && seed <= 4294967295),
          !(Number.isFinite(rate) && rate > 0),
        ].indexOf(true);
        if (wrong >= 0) throw new RangeError(`the script was given a wrong ${Object.keys(OPTIONS)[wrong]}`);
        return Promise.resolve();
      },
    });
    if (process.exitCode !== 0) throw new Error(said.err);
    if (said.err !== '' || ran === (said.out !== '')) throw new RangeError('neither ran nor helped');
  } finally {
    stdout.removeListener('error', stdout.listeners('error').at(-1) as () => void); // the listener of this command
    process.argv = before.argv;
    process.exitCode = before.exitCode;
    stdout.write = before.out;
    stderr.write = before.err;
  }
}
