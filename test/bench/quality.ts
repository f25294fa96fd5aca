// Measures the held-out loss over the seconds of training: `npm run bench:quality -- --data FILE [--minutes 3] [charlm options]`.
//
// Runs charlm.ts on a text whose last tenth is held out, and prints a row at each validation; the time of validations
// counts. With --json, one JSON object per row.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

interface Line {
  readonly step: number;
  readonly loss?: number;
  readonly tokens?: number;
  readonly validation?: number;
}

const given = process.argv.slice(2).filter((arg) => arg !== '--json');
const json = process.argv.includes('--json');
const length = given.some((arg) => /^--(minutes|steps)\b/.test(arg)) ? [] : ['--minutes', '3'];
const charlm = fileURLToPath(new URL('../../pipelines/charlm.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rxrnn-quality-'));
const args = [charlm, ...length, ...given, '--json', '--out', join(folder, 'model.safetensors')];
const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), ...args], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
child.on('close', (status) => {
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = status ?? 1;
});

let started = 0;
let tokens = 0;
let learned = 0;
for await (const text of createInterface(child.stdout)) {
  if (!text.startsWith('{')) {
    console.log(text); // charlm's help
    continue;
  }
  const line = JSON.parse(text) as Line;
  if (!started && !json) console.log('seconds     step      tokens   learned  held out, nats per character');
  started ||= performance.now();
  if (line.loss !== undefined) {
    tokens = line.tokens!;
    learned = line.step === 1 ? line.loss : learned + Math.max(0.02, 1 / line.step) * (line.loss - learned);
  }
  if (line.validation === undefined) continue;
  const seconds = (performance.now() - started) / 1000;
  const row = { seconds, step: line.step, tokens, learned, heldOut: line.validation };
  if (json) console.log(JSON.stringify(row));
  else
    console.log(
      [
        seconds.toFixed(1).padStart(7),
        String(line.step).padStart(8),
        String(tokens).padStart(11),
        learned.toFixed(4).padStart(9),
        line.validation.toFixed(4).padStart(9),
      ].join(' '),
    );
}
