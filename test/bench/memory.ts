// How much memory models take, and that it levels off: `npm run bench:memory -- --help`. Linux only, which tells in /proc.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { command, UsageError } from '../../pipelines/cli/command.js';
import type { LegFigures } from './memoryLegs.js';

interface Leg {
  readonly name: string;
  readonly about: string;
  readonly count: number;
  readonly hidden: number;
  /** What the peak must stay below, in MiB. */
  readonly most?: number;
  /** How much more than after a quarter of the work may be resident after all of it, in MiB. */
  readonly growth?: number;
  /** KiB of addresses that the process may have. */
  readonly addresses?: number;
}

const LEGS: readonly Leg[] = [
  { name: 'score', about: 'LSTM of 512, sequences of different lengths', count: 2000, hidden: 512, most: 200 },
  { name: 'encode', about: 'seq2seq, sources of different lengths', count: 500, hidden: 128, most: 64 },
  { name: 'subscribe', about: 'generateText({ weights$ }), subscriptions', count: 1000, hidden: 64, growth: 8 },
  { name: 'dispose', about: 'models made and disposed', count: 10_000, hidden: 64, growth: 8 },
  { name: 'drop', about: 'models made and dropped, 2 workers', count: 500, hidden: 64, growth: 32 },
  { name: 'words', about: 'windows learned over 50,000 words, Adam', count: 8, hidden: 128, most: 1024 },
  { name: 'clusters', about: 'the same with adaptiveSoftmax', count: 8, hidden: 128, most: 512 },
  { name: 'one', about: 'one model under ulimit -v 8000000', count: 1, hidden: 512, addresses: 8_000_000 },
];
const NAMES = LEGS.map(({ name }) => name);

await command(import.meta.url, {
  about: `Peak resident memory and threads of each leg, in a process of its own; exit status 1 where a bound is broken.

${LEGS.map(({ name, about, count, hidden }) => `${name.padEnd(10)} ${count} × ${about} (${hidden} units)`).join('\n')}`,
  options: {
    leg: { kind: 'text', choices: NAMES, help: 'by default all' },
    count: { kind: 'count', help: "how often, in place of the leg's own count" },
    json: { kind: 'flag', help: 'JSON lines' },
  },
  async run({ leg: asked, count, json }) {
    if (!existsSync('/proc/self/status')) throw new UsageError('needs /proc/self/status, as on Linux');
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const folder = mkdtempSync(join(root, 'node_modules', '.memory-'));
    const program = join(folder, 'legs.mjs');
    try {
      await build({
        entryPoints: [fileURLToPath(new URL('memoryLegs.ts', import.meta.url))],
        outfile: program,
        bundle: true,
        format: 'esm',
        platform: 'node',
        target: 'node20',
        packages: 'external',
        logLevel: 'warning',
      });
      if (!json) console.log('leg          times  start MiB   1/4 MiB   end MiB  peak MiB  bound  threads');
      for (const leg of LEGS.filter(({ name }) => asked === undefined || name === asked)) {
        const times = count ?? leg.count;
        const figures = await measure(program, leg, times);
        const holds = within(leg, figures);
        if (!holds) process.exitCode = 1;
        if (json) console.log(JSON.stringify({ leg: leg.name, times, ...figures, holds }));
        else console.log(row(leg, times, figures, holds));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
});

function within({ most = Infinity, growth = Infinity }: Leg, { quarter, end, peak, threads }: LegFigures): boolean {
  return peak < most && end - quarter < growth && threads[1] <= threads[0];
}

function row({ name, most, growth }: Leg, times: number, figures: LegFigures, holds: boolean): string {
  const { start, quarter, end, peak, threads } = figures;
  const sizes = [start, quarter, end, peak].map((size) => size.toFixed(1).padStart(9)).join(' ');
  const bound = most === undefined ? (growth === undefined ? '' : `+${growth}`) : String(most);
  const verdict = holds ? '' : '  broken';
  return `${name.padEnd(10)} ${String(times).padStart(7)} ${sizes} ${bound.padStart(6)}  ${threads.join(' → ')}${verdict}`;
}

function measure(program: string, { name, hidden, addresses }: Leg, times: number): Promise<LegFigures> {
  const limit = addresses === undefined ? '' : `ulimit -v ${addresses}; `;
  const run = `${limit}exec "$0" "$@"`;
  const args = ['-c', run, process.execPath, '--expose-gc', program, name, String(times), String(hidden)];
  return new Promise((resolve, reject) => {
    execFile('/bin/sh', args, (error, stdout, stderr) => {
      if (error) reject(new Error(`${name}: ${stderr.trim().split('\n').at(-1) ?? error.message}`));
      else resolve(JSON.parse(stdout) as LegFigures);
    });
  });
}
