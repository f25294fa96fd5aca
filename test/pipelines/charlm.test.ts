import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastValueFrom, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCorpus } from '../../pipelines/charlm/corpus.js';
import { loadModel } from '../../src/index.js';
import { assertRefused, emptyFolder, runScript, runShell } from './runScript.js';

const NAMES = fileURLToPath(new URL('../../data/dinosaurs.csv', import.meta.url));
const SMALL = ['--data', NAMES, '--hidden', '12', '--lanes', '4', '--window', '10'];

interface Line {
  readonly step: number;
  readonly loss?: number;
  readonly bits?: number;
  readonly tokens?: number;
  readonly gradientNorm?: number;
  readonly validation?: number;
}

function linesOf(stdout: string): Line[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

test('learns, validates, and saves a model with its vocabulary', async () => {
  const folder = emptyFolder();
  const args = [...SMALL, '--steps', '120', '--validate-every', '50', '--json'];
  const { status, stdout, stderr } = await runScript('charlm.ts', args, folder);
  assert.is(stderr, '');
  assert.is(status, 0);
  const lines = linesOf(stdout);
  const steps = lines.filter(({ loss }) => loss !== undefined);
  assert.equal(
    steps.map(({ step }) => step),
    Array.from({ length: 120 }, (_, i) => i + 1),
  );
  for (const { step, loss, bits, tokens, gradientNorm } of steps) {
    assert.is(bits, loss! / Math.LN2);
    assert.is(tokens, step * 40);
    assert.ok(gradientNorm! > 0);
  }
  assert.ok(steps.at(-1)!.loss! < steps[0]!.loss! - 0.3, `${steps.at(-1)!.loss}`);
  const validations = lines.filter(({ validation }) => validation !== undefined);
  assert.equal(
    validations.map(({ step }) => step),
    [50, 100, 120],
  );
  assert.equal(readdirSync(folder), ['charlm.safetensors']); // the checkpoints are gone
  const { model, vocabulary, provenance } = loadModel(join(folder, 'charlm.safetensors'));
  assert.is(vocabulary!.size, 27);
  assert.is(model.outputSize, 27);
  assert.is(provenance!['validationLoss'], Math.min(...validations.map(({ validation }) => validation!)));
});

test('without --data it learns Moby-Dick', async () => {
  const args = ['--hidden', '8', '--steps', '3', '--lanes', '2', '--window', '5', '--json'];
  const folder = emptyFolder();
  const { status, stderr } = await runScript('charlm.ts', args, folder);
  assert.is(status, 0, stderr);
  const { vocabulary, provenance } = loadModel(join(folder, 'charlm.safetensors'));
  assert.is(vocabulary!.size, 81);
  assert.match(String(provenance!['data']), /moby-dick\.txt$/);
});

test('resumed from a checkpoint, the lines and the model are those of the unbroken run, to the byte', async () => {
  const options = ['--cell', 'gru', '--layers', '2', '--dropout', '0.3', '--optimizer', 'rmsprop'];
  const folder = emptyFolder();
  const args = [...SMALL, ...options, '--steps', '60', '--checkpoint', 'c', '--checkpoint-every', '20', '--json'];
  const unbroken = await runScript('charlm.ts', args, folder);
  assert.is(unbroken.status, 0, unbroken.stderr);
  const model = readFileSync(join(folder, 'charlm.safetensors'));
  rmSync(join(folder, 'charlm.safetensors'));
  for (const name of readdirSync(join(folder, 'c')))
    if (!name.endsWith('20.safetensors')) rmSync(join(folder, 'c', name));
  const resumed = await runScript('charlm.ts', [...args, '--resume'], folder);
  assert.is(resumed.status, 0, resumed.stderr);
  assert.match(resumed.stderr, /^resumed: step 21, loss [\d.]+\n$/);
  assert.equal(
    linesOf(resumed.stdout),
    linesOf(unbroken.stdout).filter(({ step }) => step > 20),
  );
  assert.equal(readFileSync(join(folder, 'charlm.safetensors')), model);
});

for (const [what, options] of Object.entries({
  'an average of weights': ['--average', '0.9', '--decay', 'linear', '--recurrent-dropout', '0.2'],
  'one table': ['--weight-tying', '--layer-norm', '--output-dropout', '0.2', '--optimizer', 'nadam'],
  'an average by the rule': ['--optimizer', 'scheduleFreeAdamw', '--cell', 'minGru'],
})) {
  test(`resumed to the byte, with the settings of the checkpoint: ${what}`, async () => {
    const folder = emptyFolder();
    const run = ['--checkpoint', 'c', '--checkpoint-every', '20', '--validate-every', '15', '--json'];
    const unbroken = await runScript('charlm.ts', [...SMALL, ...options, '--steps', '30', ...run], folder);
    assert.is(unbroken.status, 0, unbroken.stderr);
    const saved = join(folder, 'charlm.safetensors');
    const model = readFileSync(saved);
    for (const name of readdirSync(join(folder, 'c')))
      if (!name.endsWith('20.safetensors')) rmSync(join(folder, 'c', name));
    rmSync(saved);
    const resumed = await runScript('charlm.ts', [...run, '--resume'], folder);
    assert.is(resumed.status, 0, resumed.stderr);
    assert.equal(
      linesOf(resumed.stdout),
      linesOf(unbroken.stdout).filter(({ step }) => step > 20),
    );
    assert.equal(readFileSync(saved), model);
    const { provenance } = loadModel(saved);
    const validations = linesOf(unbroken.stdout).flatMap(({ validation }) => validation ?? []);
    assert.is(provenance!['validationLoss'], Math.min(...validations));
    rmSync(saved);
    const complete = await runScript('charlm.ts', [...run, '--resume'], folder); // from what is validated, or averaged
    assert.is(complete.stderr, '--resume: the run in c is complete; its model is saved\n');
    assert.equal(readFileSync(saved), model);
  });
}

test('Ctrl-C saves and prints how to resume; the run continues with the recorded loss', async () => {
  const folder = emptyFolder();
  const args = [...SMALL, '--steps', '6000', '--json'];
  const stopped = await interruptedRun(args, folder);
  assert.is(stopped.status, 0, stopped.stderr);
  assert.match(stopped.stderr, /stopped after step \d+, saved in charlm\.checkpoints/);
  assert.match(stopped.stderr, /\n {2}npx tsx .*charlm\.ts .*--resume\n$/);
  assert.is(loadModel(join(folder, 'charlm.safetensors')).provenance!['stopped'], true);
  const written = await runScript('generate.ts', ['--model', 'charlm.safetensors', '--max-tokens', '5'], folder);
  assert.is(written.stderr, 'charlm.safetensors: its learning was stopped before the end\n');

  const other = await runScript('charlm.ts', [...args, '--resume', '--lanes', '5'], folder);
  assert.match(other.stderr, /^charlm\.ts: --resume: the run of .* has lanes 4, this one 5\n$/);
  const embedded = await runScript('charlm.ts', [...args, '--resume', '--embedding', '5'], folder);
  assert.match(embedded.stderr, /^charlm\.ts: --resume: the run of .* has embeddingSize none, this one 5\n$/);

  const shorter = await runScript('charlm.ts', [...args.with(args.indexOf('6000'), '1'), '--resume'], folder);
  assert.is(shorter.status, 2);
  assert.match(
    shorter.stderr,
    /--steps 1: the run of .* has made \d+ steps .*; --resume alone continues to its --steps 6000/,
  );

  const resumed = await runScript('charlm.ts', [...args, '--resume'], folder);
  assert.is(resumed.status, 0, resumed.stderr);
  assert.match(resumed.stderr, /^resumed: step \d+, loss [\d.]+, to the bit the one recorded/);
  assert.equal(readdirSync(folder), ['charlm.safetensors']);

  const model = readFileSync(join(folder, 'charlm.safetensors'));
  const again = await runScript('charlm.ts', [...args, '--resume'], folder);
  assert.is(
    again.stderr,
    '--resume: the run is complete, its model is in charlm.safetensors; --force begins another\n',
  );
  assert.is(again.status, 0);
  assert.equal(readFileSync(join(folder, 'charlm.safetensors')), model);
  const bare = await runScript('charlm.ts', ['--data', NAMES, '--resume'], folder);
  assert.match(bare.stderr, /^--resume: the run is complete/);
  const fewer = [...args.with(args.indexOf('6000'), '5'), '--resume'];
  const refused = await runScript('charlm.ts', fewer, folder);
  assert.is(refused.status, 2);
  assert.match(refused.stderr, /has length {"steps":6000}, this one {"steps":5}; --force begins it\n/);
  assert.equal(readFileSync(join(folder, 'charlm.safetensors')), model);
  const forced = await runScript('charlm.ts', [...fewer, '--force'], folder);
  assert.match(forced.stderr, /^--resume: charlm\.checkpoints holds no checkpoint, so a run begins\n/);
  assert.not.equal(readFileSync(join(folder, 'charlm.safetensors')), model);
});

for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} saves a checkpoint, and the model in --out unless that holds one of a whole run`, async () => {
    const folder = emptyFolder();
    const args = [...SMALL, '--json', '--out', 'm'];
    const modelOf = (): Readonly<Record<string, unknown>> => loadModel(join(folder, 'm')).provenance!;
    await interruptedRun([...args, '--steps', '2000'], folder, signal);
    assert.equal([modelOf()['stopped'], readdirSync(folder)], [true, ['m', 'm.checkpoints']]);
    rmSync(join(folder, 'm.checkpoints'), { recursive: true });
    const begun = await runScript('charlm.ts', [...args, '--steps', '2', '--resume'], folder); // what was stopped is not whole
    assert.is(begun.stderr, '--resume: m.checkpoints holds no checkpoint, so a run begins\n');
    assert.equal([modelOf()['stopped'], modelOf()['steps']], [undefined, 2]);
    const { stderr } = await interruptedRun([...args, '--steps', '2000'], folder, signal);
    assert.match(stderr, /^m keeps the model of a whole run, until this one ends$/m);
    assert.is(modelOf()['steps'], 2);
  });
}

test('for people, by the clock: it reports progress, generates samples and draws the curve', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'text.txt'), `\uFEFF${'Zoë sees 🦖 rex.\r\n'.repeat(60)}`);
  const args = [...SMALL, '--data', 'text.txt', '--minutes', '0.02', '--sample-every', '5', '--validate-every', '5'];
  const { status, stdout, stderr } = await runScript('charlm.ts', args, folder);
  assert.is(status, 0, stderr);
  assert.match(stdout, /^text\.txt: \d+ characters to learn, \d+ held out, 12 symbols\n\d+ parameters\n/);
  assert.match(stdout, /\nstep 5 {2}validation {3}[\d.]+ nats · [\d.]+ bits · ppl [\d.]+\nstep 5 {3}".*"\n/);
  assert.match(stdout, /\n +\d\.\d\d ┤[▁▂▃▄▅▆▇█]/);
  assert.match(stdout, /\nmodel saved in charlm\.safetensors\n$/);
  const line =
    /100 % · 0:00 left · [\d.]+ nats · step \d+ · [\d.]+ bits · \d+ char\/s · epoch [\d.]+ · ppl [\d.]+ · \|g\| [\d.]+\n$/;
  assert.match(stderr, line);
});

test('a corpus: the held-out part starts where the lanes end, between two code points', async () => {
  const path = join(emptyFolder(), 'text.txt');
  const text = 'é🦖ö'.repeat(100);
  writeFileSync(path, text);
  for (const share of [0.1, 0.101, 0.102, 0.103, 0.104, 0.105, 0.5]) {
    const corpus = await readCorpus(path, share);
    const learned = await lastValueFrom(corpus.lanes({ lanes: 1 }).pipe(toArray()));
    const tokens = [...learned, ...corpus.heldOut];
    assert.is(tokens.map((token) => corpus.symbols.symbol(token)).join(''), text);
  }
});

test('refuses a file that is not a corpus', async () => {
  const folder = emptyFolder();
  const refused: [content: Uint8Array, message: RegExp][] = [
    [Buffer.of(), /text\.txt: is empty$/],
    [Buffer.from('abc'), /text\.txt: too short to hold out 0\.1 of it$/],
    [Buffer.of(97, 10, 255, 10), /text\.txt: invalid UTF-8 at byte 2$/],
  ];
  for (const [content, message] of refused) {
    writeFileSync(join(folder, 'text.txt'), content);
    const error = await readCorpus(join(folder, 'text.txt'), 0.1).catch((reason: unknown) => reason);
    assert.match((error as Error).message, message);
  }
});

const refused: [what: string, args: string[], message: RegExp][] = [
  ['two lengths', ['--minutes', '1', '--steps', '5'], /--minutes and --steps: give only one of them/],
  ['a share of 1 dropped', ['--recurrent-dropout', '1'], /--recurrent-dropout must be a number from 0 below 1, got 1/],
  ['dropout without effect', ['--dropout', '0.1'], /--dropout: applies between layers, and --layers 1 has only one/],
  ['all held out', ['--validation', '1'], /--validation must be a positive number below 1, got 1/],
  [
    'layer norm in other cells',
    ['--layer-norm', '--cell', 'gru'],
    /--layer-norm: is of the cells of --cell lstm, got --cell gru/,
  ],
  [
    'a table of two widths',
    ['--weight-tying', '--hidden', '8', '--embedding', '9'],
    /--weight-tying: needs an --embedding as wide as --hidden; leave it out, or give both/,
  ],
  [
    'an average of an average',
    ['--average', '0.9', '--optimizer', 'scheduleFreeAdamw'],
    /--average: scheduleFreeAdamw has an average of its own/,
  ],
  ['an average of nothing', ['--average', '1'], /--average must be a number from 0 below 1, got 1/],
  ['a file as the folder of checkpoints', ['--checkpoint', NAMES], /--checkpoint .*dinosaurs\.csv: is not a folder/],
];
for (const [what, args, message] of refused) {
  test(`refuses ${what}`, () => assertRefused('charlm.ts', args, message));
}

test('refuses a text that is too short for its lanes', () => {
  const path = join(emptyFolder(), 'text.txt');
  writeFileSync(path, 'hello world\nhey');
  return assertRefused(
    'charlm.ts',
    ['--data', path],
    /--lanes: 8 need 16 characters to learn, got 14; try --lanes 1$/m,
  );
});

test('--resume on nothing starts a run and says so; then the checkpoint has the settings', async () => {
  for (const there of [false, true]) {
    const folder = emptyFolder();
    if (there) mkdirSync(join(folder, 'c'));
    const resume = ['--checkpoint', 'c', '--resume', '--json'];
    const fresh = await runScript('charlm.ts', [...SMALL, '--seed', '3', '--steps', '20', ...resume], folder);
    assert.is(fresh.stderr, '--resume: c holds no checkpoint, so a run begins\n');
    assert.is(fresh.status, 0);
    assert.is(linesOf(fresh.stdout)[0]!.step, 1);
    if (there) continue;
    const model = readFileSync(join(folder, 'charlm.safetensors'));
    const again = await runScript('charlm.ts', [...SMALL, '--seed', '3', '--steps', '40', ...resume], folder);
    const bare = emptyFolder();
    await runScript('charlm.ts', [...SMALL, '--seed', '3', '--steps', '20', ...resume], bare);
    const others = await runScript('charlm.ts', ['--steps', '40', ...resume], bare); // settings and text are recorded
    assert.is(others.status, 0, others.stderr);
    assert.equal(linesOf(others.stdout), linesOf(again.stdout));
    assert.is(linesOf(others.stdout)[0]!.step, 21);
    assert.equal(readFileSync(join(bare, 'charlm.safetensors')), readFileSync(join(folder, 'charlm.safetensors')));
    assert.not.equal(readFileSync(join(folder, 'charlm.safetensors')), model);
    const differs = await runScript('charlm.ts', ['--hidden', '13', ...resume], bare);
    assert.match(differs.stderr, /--resume: the run of .* has hidden 12, this one 13\n$/);
    assert.is(differs.status, 2);
  }
});

test('a reader that leaves, a hang-up, and a text that can no longer be read: the run is saved', async () => {
  const args = `--data ${NAMES} --hidden 12 --lanes 4 --window 10 --steps 100000000 --json`;
  const head = await runShell('charlm.ts', `$SCRIPT ${args} --checkpoint c | head -3 >/dev/null; ls c`);
  assert.is(head.stderr, '');
  assert.match(head.stdout, /checkpoint-\d+\.safetensors/);
  const hangUp = `$SCRIPT ${args} --checkpoint c >o & p=$!; until grep -qs '"step":20,' o; do sleep 0.1; done; kill -HUP $p`;
  const hung = await runShell('charlm.ts', `${hangUp}; wait $p; echo $?; ls c`);
  assert.match(hung.stdout, /^0\ncheckpoint-\d+\.safetensors/);
  const data = args.replace(NAMES, 'text.csv');
  const gone = `cp ${NAMES} text.csv; $SCRIPT ${data} --checkpoint c >o & p=$!`;
  const lost = `until grep -qs '"step":20,' o; do sleep 0.1; done; rm text.csv; wait $p; echo $?; ls c`;
  const failed = await runShell('charlm.ts', `${gone}; ${lost}`);
  assert.match(failed.stdout, /^2\ncheckpoint-\d+\.safetensors/);
  assert.match(failed.stderr, /^charlm\.ts: .*text\.csv/);
});

test('a model of another text, or another file, is not overwritten without --force', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'charlm.safetensors'), 'precious');
  const short = [...SMALL, '--steps', '3', '--json'];
  const foreign = await runScript('charlm.ts', short, folder);
  assert.match(foreign.stderr, /^charlm\.ts: charlm\.safetensors exists and is not a model; --force overwrites it/);
  assert.equal([foreign.status, foreign.stdout], [2, '']);
  assert.is(readFileSync(join(folder, 'charlm.safetensors'), 'utf8'), 'precious');
  assert.is((await runScript('charlm.ts', [...short, '--force'], folder)).status, 0);
  assert.is((await runScript('charlm.ts', short, folder)).status, 0, 'the same text is as before');
  writeFileSync(join(folder, 'text.txt'), 'another text\n'.repeat(200));
  const other = await runScript('charlm.ts', [...short, '--data', 'text.txt'], folder);
  assert.match(other.stderr, /^charlm\.ts: charlm\.safetensors holds a model of .*dinosaurs\.csv; --force/);
  assert.is(other.status, 2);
});

test('a run does not start in the folder of another', async () => {
  const folder = emptyFolder();
  mkdirSync(join(folder, 'charlm.checkpoints'));
  writeFileSync(join(folder, 'charlm.checkpoints/checkpoint-000000005.safetensors'), '');
  const { status, stderr } = await runScript('charlm.ts', SMALL, folder);
  assert.match(stderr, /^charlm\.ts: charlm\.checkpoints holds a run: --resume continues it, .*\n$/);
  assert.is(status, 2);
});

test('a run that fails before its first checkpoint leaves nothing', async () => {
  const folder = emptyFolder();
  const { status, stderr } = await runScript('charlm.ts', [...SMALL, '--learning-rate', '1e38', '--json'], folder);
  assert.match(stderr, /^charlm\.ts: crossEntropy: the loss of window \d+ is not finite/);
  assert.is(status, 2);
  assert.equal(readdirSync(folder), []);
});

/** Ctrl-C, or another signal, once the hundredth step is printed: a pipe holds too little for a run of 6000 steps. */
function interruptedRun(
  args: readonly string[],
  cwd: string,
  signal: NodeJS.Signals = 'SIGINT',
): Promise<{ status: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const script = fileURLToPath(new URL('../../pipelines/charlm.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script, ...args], { cwd });
    let stdout = '';
    let stderr = '';
    let sent = false;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      if (!sent && stdout.includes('"step":100,')) sent = child.kill(signal);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (stderr += chunk));
    child.on('close', (status) => resolve({ status, stderr }));
  });
}

test.run();
