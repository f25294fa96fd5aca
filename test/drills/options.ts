import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModel, readTensors } from '../../src/index.js';
import { steers } from '../check/hostile.js';
import { bundledScript } from '../pipelines/bundledScript.js';
import { draws, type Draw } from './readEach.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const PATIENCE = 20_000; // milliseconds until a run is asked to end, and from then until it is killed
const SHORT = 5000; // for one that does not end by itself
const AT_ONCE = 3; // runs beside each other, some of which wait
const MOST_FAULTS = 20; // after which the trial ends

/** Without what Node reads at each start and no script needs: certificates took as long as all of a start. */
const ENV = { ...process.env, NODE_EXTRA_CA_CERTS: undefined };

/** Options that make a run of each script short. */
const SMALL: Readonly<Record<string, readonly string[]>> = {
  'names.ts': ['--data', 'names.txt', '--hidden', '4', '--iterations', '20'],
  'charlm.ts': ['--data', 'text.txt', '--hidden', '4', '--lanes', '2', '--window', '5', '--steps', '4'],
  'generate.ts': ['--max-tokens', '5'],
  'surprise.ts': ['text.txt'],
  'translate.ts': ['--data', 'pairs.csv', '--hidden', '4', '--epochs', '2'],
  'replay.ts': ['--to', '5'],
  'srn.ts': [],
  'hello.ts': ['--epochs', '3'],
  'binary-addition.ts': ['--iterations', '20', '--hidden', '4'],
  'classify.ts': ['--data', 'labels.csv', '--hidden', '4', '--epochs', '1'],
  'events.ts': [
    '--train',
    'days.txt',
    '--normal',
    'days.txt',
    '--abnormal',
    'text.txt',
    '--hidden',
    '4',
    '--epochs',
    '2',
  ],
  'forecast.ts': [
    '--data',
    'metric.csv',
    '--horizon',
    '2',
    '--season',
    '3',
    '--context',
    '4',
    '--hidden',
    '4',
    '--minutes',
    '0.001',
  ],
  'detect.ts': ['metric.csv'],
  'compress.ts': ['text.txt'],
  'decompress.ts': [],
  'feed.ts': ['--bus', 'file:bus', '--partitions', '4', 'text.txt'],
  'worker.ts': ['--bus', 'file:bus', '--partitions', '4', '--until-idle', '0.1'],
  'scores.ts': ['--bus', 'file:bus', '--partitions', '4', '--until-idle', '0.1'],
  'studio.ts': ['--data', 'text.txt', '--steps', '3', '--hidden', '4', '--lanes', '2', '--window', '5'],
};

const VALUES: Readonly<Record<string, readonly string[]>> = {
  N: ['1', '2', '7', '0', '-1', '1.5', 'x', '', '1e999', '99999999999999999999', '0x10'],
  BYTES: ['1', '20', '0', '-5', '1e3'],
  X: ['0.5', '0', '1', '-1', '1e-3', 'x', 'NaN', '1e999', ''],
  FILE: ['new.file', 'text.txt', 'none/x', '.', '', 'broken.safetensors', '\u001b[31m', 'names.txt'],
  FOLDER: ['new', 'text.txt', '.', 'none/x', ''],
  TEXT: ['a', '', '\u001b]0;x\u0007', 'é🦖'],
  REGEXP: ['^(\\w)', '(', '(a+)+$', '(?=a)', ''],
  NAME: ['names', 'x'],
  'ADDRESS:PORT': ['127.0.0.1:0', '0', 'x', ':99999', '[::1'],
  URL: ['http://127.0.0.1:9/', 'x', 'ftp://a', 'http://a:b@c', 'file:new', 'memory:'],
  SECONDS: ['1', '0', 'x'],
  COLUMN: ['case', 'value', '', '__proto__'],
  'A,B': ['value', 'value,note', 'none', '', ',', 'value,value'],
  'TIME,VALUE': ['value', 'timestamp,value', 'a,b,c', ''],
  'N,N,N': ['20,10,10', '0,0,0', '1,1,1', '99,99,99', '-1,2,3', 'x'],
  PATHS: ['none/x', 'text.txt', '', 'new,new'],
  'FILE.html': ['new.html', '.', ''],
};

/** Random options of every script: exit status 0, 1 or 2, no stack trace, nothing that steers, nothing half written. */
export async function options(runs: number, seed: number): Promise<Readonly<Record<string, number>>> {
  const draw = draws(seed);
  const statuses: Record<string, number> = {};
  const faults: string[] = [];
  for (const [script, small] of Object.entries(SMALL)) {
    const program = await bundledScript(script);
    const known = optionsOf((await run(program, ['--help'], PROJECT)).stdout);
    if (known.length === 0) throw new Error(`${script} --help lists no options within ${PATIENCE / 1000} s`);
    const combinations = Array.from({ length: runs }, () => [...small, ...combination(known, draw)]);
    const worker = async (): Promise<void> => {
      for (let args = combinations.pop(); args && faults.length < MOST_FAULTS; args = combinations.pop()) {
        const { status, fault } = await tried(program, args);
        if (fault !== undefined) faults.push(`${script} ${JSON.stringify(args)}: ${fault}`);
        statuses[`exit ${status}`] = (statuses[`exit ${status}`] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }
  if (faults.length > 0) throw new Error(`${JSON.stringify(statuses)}\n${faults.join('\n\n')}`);
  return { scripts: Object.keys(SMALL).length, ...statuses };
}

/** Runs a program with options in a folder of its own; gives its exit status, and what was wrong. */
async function tried(
  program: string,
  args: readonly string[],
): Promise<{ readonly status: number | null; readonly fault: string | undefined }> {
  const folder = corpusFolder();
  const { status, stderr, stdout } = await run(program, args, folder);
  const fault =
    (![0, 1, 2, args.includes('--fail-on-alarm') ? 3 : 0].includes(status ?? -1) && 'another exit status') ||
    (/\n\s+at \S/.test(stderr) && 'a stack trace') ||
    (steers(stderr, '\n\t\r') && 'a control character on stderr') ||
    (status === 2 && stderr === '' && 'no message') ||
    (args.includes('--json') && !args.includes('--help') && !isJsonLines(stdout) && 'no JSON lines') ||
    halfWritten(folder);
  rmSync(folder, { recursive: true });
  return { status, fault: fault === false ? undefined : `${fault}, exit status ${status}\n${stderr}` };
}

/** The options of a help text, and what their value is called; undefined where they take none. */
function optionsOf(help: string): (readonly [name: string, value: string | undefined])[] {
  const found = [...help.matchAll(/^ {2}(--[\w-]+)(?: (\S+))? {2}/gm)].map(
    ([, name, value]) => [name!, value] as const,
  );
  return found.filter(([name]) => name !== '--open'); // no browsers
}

function combination(known: readonly (readonly [string, string | undefined])[], draw: Draw): string[] {
  const args: string[] = [];
  for (let count = draw.below(5); count > 0; count--) {
    const [name, value] = draw.of(known);
    if (value === undefined) args.push(name);
    else args.push(name, draw.of(VALUES[value] ?? [...value.split('|'), 'x']));
  }
  if (draw.below(20) === 0) args.push(draw.of(['--nope', '-x', 'extra', '--', '--seed']));
  return args;
}

function corpusFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rxrnn-drill-'));
  writeFileSync(join(folder, 'text.txt'), 'the quick brown fox\njumps over the lazy dog\n'.repeat(10));
  writeFileSync(join(folder, 'names.txt'), 'anna\nbert\ncarl\n');
  writeFileSync(join(folder, 'pairs.csv'), 'source,target\nhund,dog\nmaus,mouse\n');
  writeFileSync(join(folder, 'broken.safetensors'), '{}');
  writeFileSync(join(folder, 'labels.csv'), `text,label\n${'anna,name\ndog,animal\nbert,name\n'.repeat(5)}`);
  writeFileSync(join(folder, 'days.txt'), '1 2 3\n1 2 2 3\n2 3\n'.repeat(4));
  const rows = Array.from({ length: 60 }, (_, i) => `2026-01-01 00:00:${i % 60},${i % 3},${i === 50 ? '' : i}\n`);
  writeFileSync(join(folder, 'metric.csv'), `timestamp,value,note\n${rows.join('')}`);
  return folder;
}

function isJsonLines(text: string): boolean {
  try {
    for (const line of text.split('\n')) if (line !== '') JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** Temporary files that were left, and model files that cannot be read. */
function halfWritten(folder: string): string | false {
  for (const name of readdirSync(folder, { recursive: true }) as string[]) {
    if (/\.tmp-\d/.test(name)) return `${name} was left`;
    if (!name.endsWith('.safetensors') || name.startsWith('broken')) continue;
    try {
      if (/\/|^checkpoint-/.test(name))
        readTensors(join(folder, name)); // checkpoints may be in any folder
      else loadModel(join(folder, name));
    } catch (error) {
      return (error as Error).message;
    }
  }
  return false;
}

function run(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { cwd, env: ENV, stdio: ['ignore', 'pipe', 'pipe'] });
    const patience = args.includes('--follow') ? SHORT : PATIENCE;
    const timers = [
      setTimeout(() => child.kill('SIGINT'), patience),
      setTimeout(() => child.kill('SIGKILL'), patience + PATIENCE),
    ];
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => void (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (stderr += chunk));
    child.on('error', reject).on('close', (status, signal) => {
      for (const timer of timers) clearTimeout(timer);
      resolve({ status: signal === 'SIGINT' ? 0 : status, stdout, stderr });
    });
  });
}
