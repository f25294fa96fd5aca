// Runs `surprise --learn` as a monitor of a log that is written to and rotated, and measures its memory and its lag:
// `npm run soak:monitor [-- --minutes 60] [--rate 5000] [--json]`. Exit status 1 if its resident memory grew by more than
// 1 MB per minute, if it was ever more than a second behind, or if it lost a line.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { command } from '../../pipelines/cli/command.js';
import { seeded } from '../../src/random/seeded.js';
import { bundledScript } from '../pipelines/bundledScript.js';
import { slope } from './slope.js';

const STEEPEST = 1; // MB per minute
const MOST_LAG = 1; // seconds
const ROTATE_EVERY = 20_000; // milliseconds
const KEPT = 3; // rotated files
const TICK = 50; // milliseconds between two writes

await command(import.meta.url, {
  about: 'Runs the monitor on a log that is written to and rotated, and measures its memory and its lag.',
  options: {
    minutes: {
      kind: 'number',
      initial: 60,
      help: 'length of the run; the first fifth, at most 5 minutes, is not counted',
    },
    rate: { kind: 'count', initial: 5000, help: 'lines per second' },
    every: { kind: 'number', initial: 10, help: 'seconds between two looks' },
    seed: { kind: 'seed', initial: 0, help: 'seed of the lines' },
    json: { kind: 'flag', help: 'JSON lines' },
  },
  async run({ minutes, rate, every, seed, json }) {
    const folder = mkdtempSync(join(tmpdir(), 'rxrnn-soak-'));
    const log = join(folder, 'app.log');
    writeFileSync(log, '');
    const port = await freePort();
    const args = [log, '--learn', '--follow', '--state', join(folder, 'state'), '--metrics', `127.0.0.1:${port}`];
    const child = spawn(process.execPath, [await bundledScript('surprise.ts'), ...args], { stdio: ['ignore', 'ignore', 'pipe'] }); // prettier-ignore
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (errors = (errors + chunk).slice(-2000)));
    const line = makeLines(seed);
    const started = performance.now();
    const marks: { readonly minutes: number; readonly rss: number; readonly lag: number }[] = [];
    let written = 0;
    let rotations = 0;
    let looked = started;
    let scored = 0;
    try {
      for (let passed = 0; passed < minutes * 60_000; passed = performance.now() - started) {
        const due = Math.min(written + rate, Math.floor((passed / 1000) * rate)); // at most a second's worth at once
        let text = '';
        for (; written < due; written++) text += line(written);
        appendFileSync(log, text);
        if (Math.floor(passed / ROTATE_EVERY) > rotations) {
          rotations += 1;
          renameSync(log, `${log}.${String(rotations).padStart(8, '0')}`);
          rmSync(`${log}.${String(rotations - KEPT).padStart(8, '0')}`, { force: true });
        }
        if (performance.now() - looked >= every * 1000) {
          looked = performance.now();
          const found = await metrics(port);
          scored = found['rxrnn_lines_total']!;
          const mark = { minutes: passed / 60_000, rss: found['process_resident_memory_bytes']! / 1e6, lag: found['rxrnn_lag_seconds']! }; // prettier-ignore
          marks.push(mark);
          if (json) console.log(JSON.stringify({ ...mark, written, scored }));
          else console.log(`${mark.minutes.toFixed(2).padStart(7)} min  rss ${mark.rss.toFixed(1)} MB  ${mark.lag.toFixed(2)} s behind  ${scored} of ${written} lines`); // prettier-ignore
        }
        await setTimeout(TICK);
      }
      for (let tries = 0; tries < 100 && scored < written; tries++) {
        await setTimeout(100);
        scored = (await metrics(port))['rxrnn_lines_total']!;
      }
    } finally {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'close');
      rmSync(folder, { recursive: true });
    }
    const counted = marks.filter((mark) => mark.minutes >= Math.min(5, minutes / 5));
    const growth = slope(counted.map(({ minutes, rss }) => [minutes, rss]));
    const lag = Math.max(...counted.map((mark) => mark.lag));
    const passed = growth <= STEEPEST && lag <= MOST_LAG && scored === written;
    const figures = { lines: written, per_s: Math.round(written / (minutes * 60)), rotations, mb_per_minute: growth, most_lag_s: lag, lost: written - scored, passed }; // prettier-ignore
    if (json) console.log(JSON.stringify(figures));
    else console.log(Object.entries(figures).map(([name, value]) => `${name} ${value}`).join(', ')); // prettier-ignore
    if (!passed) {
      console.error(errors);
      process.exitCode = 1;
    }
  },
});

async function metrics(port: number): Promise<Record<string, number>> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  const text = await answer.text();
  return Object.fromEntries([...text.matchAll(/^(\w+) (\S+)$/gm)].map(([, name, value]) => [name!, Number(value)]));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Makes lines of a log of some 40 templates, with rare ones among them. */
function makeLines(seed: number): (number: number) => string {
  const random = seeded(`log ${seed}`);
  const verbs = ['opened', 'closed', 'refused', 'renewed', 'checked', 'moved', 'read', 'written'];
  const things = ['session', 'file', 'lease', 'connection', 'block'];
  return (number) => {
    const time = new Date(Date.UTC(2026, 0, 2) + number).toISOString();
    const rare = random.integer(20_000) === 0 ? ` after error ${random.integer(1e9).toString(36)}` : '';
    const [verb, thing] = [verbs[random.integer(verbs.length)]!, things[random.integer(things.length)]!];
    return `${time} INFO worker-${random.integer(8)} ${thing} ${random.integer(100_000)} ${verb} in ${random.integer(900)} ms${rare}\n`;
  };
}
