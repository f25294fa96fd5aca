// The learning record: `npm run record:charlm -- --data FILE [--minutes 3] [--seeds 3] [--choose] [--settings='…']`.
//
// Runs charlm.ts on a text whose last tenth is held out, once per seed, and prints each run with its seed and settings,
// its tokens and its loss against time, then the median over the seeds. With --choose the last tenth of the file is not
// even there: the run learns and validates on the first nine tenths, so that settings can be chosen without a look at it.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { command, UsageError } from '../../pipelines/cli/command.js';
import { loadModel } from '../../src/index.js';
import { median } from './timing.js';

interface Line {
  readonly step: number;
  readonly loss?: number;
  readonly tokens?: number;
  readonly validation?: number;
}

/** A validation of a run: seconds since its first step, and characters learned until then. */
interface Row {
  readonly seconds: number;
  readonly step: number;
  readonly tokens: number;
  readonly heldOut: number;
}

const charlm = fileURLToPath(new URL('../../pipelines/charlm.ts', import.meta.url));

await command(import.meta.url, {
  about: 'Measures what charlm.ts learns in a time, once per seed, on a text whose last tenth is held out.',
  options: {
    data: { kind: 'text', value: 'FILE', help: 'a text file in UTF-8' },
    minutes: { kind: 'number', help: 'length of each run', initial: 3 },
    steps: { kind: 'count', help: 'length of each run in steps, instead of --minutes: the same work on every machine' },
    seeds: { kind: 'count', help: 'runs: seeds from 0 up', initial: 3 },
    settings: {
      kind: 'text',
      value: 'OPTIONS',
      help: 'more options of charlm.ts in one text, as --settings="--hidden 256"',
    },
    choose: { kind: 'flag', help: 'leave the last tenth out altogether, and hold out a tenth of the rest' },
    json: { kind: 'flag', help: 'print one JSON object per line' },
  },
  async run({ data, minutes, steps, seeds, settings = '', choose, json }) {
    if (data === undefined) throw new UsageError('--data: give a text file');
    const folder = mkdtempSync(join(tmpdir(), 'rxrnn-record-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const text = choose ? firstNineTenths(data, folder) : data;
    const length = steps === undefined ? ['--minutes', String(minutes)] : ['--steps', String(steps)];
    const more = settings.split(/\s+/).filter((word) => word !== '');
    const losses: number[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      const out = join(folder, `${seed}.safetensors`);
      const rows = await run(['--data', text, ...length, ...more, '--seed', String(seed), '--json', '--out', out]);
      const { provenance } = loadModel(out);
      const heldOut = Number(provenance?.['validationLoss']); // of the model that is saved
      losses.push(heldOut);
      const { data: _, ...used } = provenance ?? {};
      if (json) console.log(JSON.stringify({ seed, heldOut, settings: used, rows }));
      else {
        console.log(`seed ${seed}: ${JSON.stringify(used)}`);
        for (const row of rows) {
          const { seconds, step, tokens } = row;
          console.log(
            `${seconds.toFixed(1).padStart(9)} s ${String(step).padStart(8)} steps ${String(tokens).padStart(11)} ` +
              `characters ${row.heldOut.toFixed(4)}`,
          );
        }
      }
    }
    const middle = median(losses);
    if (json) console.log(JSON.stringify({ seeds, median: middle }));
    else console.log(`median of ${seeds}: ${middle.toFixed(4)} nats per character`);
  },
});

/** Runs charlm.ts to its end, and gives its validations. */
async function run(args: readonly string[]): Promise<Row[]> {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), charlm, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const rows: Row[] = [];
  let started = 0;
  let tokens = 0;
  for await (const text of createInterface(child.stdout)) {
    const line = JSON.parse(text) as Line;
    started ||= performance.now();
    tokens = line.tokens ?? tokens;
    if (line.validation === undefined) continue;
    rows.push({ seconds: (performance.now() - started) / 1000, step: line.step, tokens, heldOut: line.validation });
  }
  const status = await ended;
  if (status !== 0) throw new UsageError(`charlm.ts ended with status ${status}`);
  return rows;
}

/** A file of the text without its last tenth, cut between two characters. */
function firstNineTenths(path: string, folder: string): string {
  const bytes = readFileSync(path);
  let end = Math.floor(0.9 * bytes.length);
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  const cut = join(folder, 'text.txt');
  writeFileSync(cut, bytes.subarray(0, end));
  return cut;
}
