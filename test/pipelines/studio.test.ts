import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel, stateDict } from '../../src/index.js';
import { CELL_NAMES } from '../../pipelines/charlm/languageModel.js';
import type { Topics } from '../../src/studio.js';
import { until } from '../support/until.js';
import { assertRefused, emptyFolder, FULL_DISK, runScript, runShell } from './runScript.js';

const script = fileURLToPath(new URL('../../pipelines/studio.ts', import.meta.url));
const SMALL = ['--hidden', '8', '--window', '10', '--lanes', '2', '--json'];

type TextReading = Topics['text'];

interface Step {
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
}

/** Runs the script; `at` is called once with the address, ends it by Ctrl-C or more steps, and sees what is printed. */
function run(
  folder: string,
  args: readonly string[],
  at: (
    url: URL,
    act: (action: object) => Promise<number>,
    interrupt: () => void,
    printed: () => string,
  ) => Promise<void>,
  signal: NodeJS.Signals = 'SIGINT',
): Promise<{ status: number | null; url: string; steps: Step[]; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script, ...SMALL, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let called = false;
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      if (called || !stdout.includes('\n')) return;
      called = true;
      const url = new URL((JSON.parse(stdout.split('\n')[0]!) as { url: string }).url);
      const act = async (action: object): Promise<number> =>
        (await fetch(new URL(`/act${url.search}`, url), { method: 'POST', body: JSON.stringify(action) })).status;
      at(
        url,
        act,
        () => void child.kill(signal),
        () => stdout,
      ).catch((error: unknown) => {
        child.kill('SIGKILL'); // a run that is paused would stay
        reject(error);
      });
    });
    child.on('error', reject).on('close', (status) => {
      const [first, ...lines] = stdout.trim().split('\n');
      const steps = lines.map((line) => JSON.parse(line) as Step).filter(({ step }) => step !== undefined);
      resolve({ status, url: (JSON.parse(first!) as { url: string }).url, steps, stderr });
    });
  });
}

test('a run steered by its page ends by Ctrl-C, saves, and is replayed to the same bits', async () => {
  const folder = emptyFolder();
  const first = await run(folder, ['--seed', '4'], async (_, act, interrupt, printed) => {
    const more = async (what: string): Promise<void> => {
      const before = printed().length;
      await until(() => printed().slice(before).split(what).length > 3);
    };
    await more('"step"');
    assert.is(await act({ name: 'learningRate', value: 0.02 }), 204);
    await more('"learningRate":0.02}');
    assert.is(await act({ name: 'checkpoint' }), 204);
    const saved = join(folder, 'studio.checkpoints');
    const names = (): string[] =>
      existsSync(saved) ? readdirSync(saved).filter((name) => name.endsWith('.safetensors')) : [];
    await until(() => names().length > 0);
    await more('"step"');
    assert.is(await act({ name: 'reset', value: names()[0] }), 204);
    await more('"step"');
    assert.is(await act({ name: 'learningRate', value: 0.001 }), 204);
    await more('"learningRate":0.001}');
    interrupt();
  });
  assert.is(first.status, 0, first.stderr);
  assert.match(first.url, /^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{20,}$/);
  const numbers = first.steps.map(({ step }) => step);
  assert.ok(
    numbers.some((step, i) => i > 0 && step <= numbers[i - 1]!),
    'it went back',
  );
  assert.is(new Set(first.steps.map(({ learningRate }) => learningRate)).size, 3);
  assert.is(loadModel(join(folder, 'studio.safetensors')).provenance!['steps'], numbers.at(-1));

  const again = await runScript(
    'studio.ts',
    ['--replay', join(folder, 'studio.log'), '--json', '--compare', join(folder, 'studio.log')],
    emptyFolder(),
  );
  assert.is(again.status, 0, again.stderr);
  const lines = again.stdout.trim().split('\n').slice(1);
  assert.equal(
    lines.slice(0, -2).map((line) => JSON.parse(line) as Step),
    first.steps,
  );
  assert.equal(JSON.parse(lines.at(-2)!), { saved: { model: 'replayed.safetensors', recording: 'replayed.log' } });
  assert.is((JSON.parse(lines.at(-1)!) as { replayed: number }).replayed, numbers.length);
});

test('--steps ends it by itself; requests of others are refused; the address comes first, and the page is exported', async () => {
  const folder = emptyFolder();
  const text = join(folder, 'text.txt');
  writeFileSync(text, 'to be or not to be, that is the question\n'.repeat(40));
  const { status, steps, stderr } = await run(
    folder,
    ['--data', text, '--steps', '30', '--paused', '--export', 'run.html'],
    async (url, act) => {
      assert.is((await fetch(url, { headers: { Origin: 'http://evil.example' } })).status, 403);
      assert.is((await fetch(new URL('/act', url), { method: 'POST', body: '{"name":"resume"}' })).status, 403);
      assert.is((await fetch(url)).status, 200);
      assert.is(await act({ name: 'step', value: 1 }), 204);
      assert.is(await act({ name: 'resume' }), 204);
    },
  );
  assert.is(status, 0, stderr);
  assert.is(steps.length, 30);
  assert.match(readFileSync(join(folder, 'run.html'), 'utf8'), /^<!doctype html>[^]*id="saved">/);
});

test('a run that is killed leaves its recording, which the next run names, and which is replayed and compared', async () => {
  const folder = emptyFolder();
  const left = (): string[] => readdirSync(folder).filter((name) => name.startsWith('studio.log.tmp-'));
  const killed = await run(
    folder,
    ['--steps', '100000'],
    async (_, act, end) => {
      assert.is(await act({ name: 'learningRate', value: 0.02 }), 204);
      await until(() => left().some((name) => readFileSync(join(folder, name), 'utf8').includes('"step":40')));
      end();
    },
    'SIGKILL',
  );
  assert.is(killed.status, null);
  const [name] = left();
  const again = await runScript('studio.ts', ['--replay', name!, '--json', '--compare', name!], folder);
  assert.is(again.status, 0, again.stderr);
  assert.match(again.stderr, /studio\.log\.tmp-\d+-\d+ was cut short; it is read up to step \d+/);
  const { replayed, compared } = JSON.parse(again.stdout.trim().split('\n').at(-1)!) as Record<string, number>;
  assert.ok(replayed! >= 40 && compared! >= 2, again.stdout.slice(-200));
  const next = await runScript('studio.ts', ['--hidden', '8', '--steps', '3', '--json'], folder);
  assert.is(next.status, 0, next.stderr);
  assert.match(next.stderr, /^studio\.log\.tmp-\d+-\d+ is of a run that was killed: --replay or --compare reads it\n/);
});

test('a replay ends with the last step, recorded or not by itself one in twenty, and with the same model', async () => {
  for (const steps of [3, 47]) {
    const folder = emptyFolder();
    const args = ['--hidden', '8', '--json', '--steps', String(steps)];
    assert.is((await runScript('studio.ts', args, folder)).status, 0);
    const again = await runScript(
      'studio.ts',
      ['--replay', 'studio.log', '--out', 'again.safetensors', '--json'],
      folder,
    );
    assert.is(again.status, 0, again.stderr);
    assert.is((JSON.parse(again.stdout.trim().split('\n').at(-1)!) as { replayed: number }).replayed, steps);
    const [made, repeated] = ['studio', 'again'].map((name) =>
      stateDict(loadModel(join(folder, `${name}.safetensors`)).model),
    );
    assert.equal(repeated, made);
    await assertRefused(
      'studio.ts',
      ['--replay', join(folder, 'studio.log'), '--hidden', '9'],
      /--hidden: the recording of/,
    );
  }
});

for (const cell of CELL_NAMES) {
  test(`--cell ${cell}: the page has the states of its units, and the gates of one`, async () => {
    let asked: Promise<TextReading> | undefined;
    const { status, steps, stderr } = await run(
      emptyFolder(),
      ['--cell', cell, '--paused', '--steps', '3'],
      async (url, act) => {
        assert.is(await act({ name: 'step', value: 2 }), 204);
        assert.is(await act({ name: 'unit', value: 5 }), 204);
        asked = textOf(url);
        const text = await asked;
        assert.equal(
          text.units,
          Array.from({ length: 8 }, (_, i) => `${cell}.h ${i}`),
        );
        assert.is(Buffer.from(text.states, 'base64').length, 8 * text.symbols.length);
        assert.is(text.gates!.unit, 5);
        assert.ok(
          Object.values(text.gates!.curves).every((curve) => curve.length > 50 && curve.every(Number.isFinite)),
        );
        assert.equal(Object.keys(text.gates!.curves), Object.keys(text.gates!.means));
        assert.is(await act({ name: 'resume' }), 204);
      },
    );
    assert.is(status, 0, stderr);
    assert.is(steps.length, 3);
    await asked;
  });
}

/** The text as the model read it after the gates of a unit were asked for, from a page's events. */
async function textOf(url: URL): Promise<TextReading> {
  const { body } = await fetch(new URL('/events', url));
  let text = '';
  for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const readings = [...text.matchAll(/^event: text\ndata: (.*)\n/gm)].map(
      ([, data]) => JSON.parse(data!) as TextReading,
    );
    const found = readings.find(({ gates }) => gates !== undefined);
    if (found) return found;
  }
  throw new Error('the page was sent no text');
}

test('it says where everything is, and overwrites its own files alone', async () => {
  const folder = emptyFolder();
  const args = ['--hidden', '8', '--steps', '3'];
  const said = await runScript('studio.ts', [...args, '--export', 'run.html'], folder);
  assert.is(said.status, 0, said.stderr);
  assert.match(said.stdout, /\nmodel saved in studio\.safetensors, recording in studio\.log, page in run\.html\n$/);
  const again = await runScript('studio.ts', [...args, '--export', 'run.html', '--json'], folder);
  assert.is(again.status, 0, again.stderr);
  assert.equal(JSON.parse(again.stdout.trim().split('\n').at(-1)!), {
    saved: { model: 'studio-2.safetensors', recording: 'studio-2.log', page: 'run.html' },
  });
  const first = ['--out', 'studio.safetensors'];
  const longer = await runScript('studio.ts', [...args, '--steps', '4', ...first], folder);
  assert.is(longer.status, 0, longer.stderr);
  const files = ['studio.safetensors', 'studio.log'].map((name) => join(folder, name));
  const before = files.map((path) => readFileSync(path));
  for (const [options, why] of [
    [['--steps', '3', ...first], /studio\.safetensors holds a run of 4 steps, this one has 3; --force overwrites it, another --out/], // prettier-ignore
    [first, /studio\.safetensors holds a run of 4 steps, this one may be shorter; --force/],
    [
      ['--steps', '3', '--out', 'x', '--record', 'studio.log'],
      /studio\.log holds a run of 4 steps, .* another --record/,
    ],
  ] as const) {
    const shorter = await runScript('studio.ts', ['--hidden', '8', '--json', ...options], folder);
    assert.equal([shorter.status, shorter.stdout], [2, '']);
    assert.match(shorter.stderr, why);
    assert.equal(
      files.map((path) => readFileSync(path)),
      before,
    );
  }
  assert.is((await runScript('studio.ts', [...args, '--force'], folder)).status, 0);
  assert.is(loadModel(files[0]!).provenance!['steps'], 3);
  const mine = (name: string): string => {
    writeFileSync(join(folder, name), 'mine\n');
    return join(folder, name);
  };
  const kept = join(folder, 'kept.safetensors');
  for (const [option, path, why] of [
    ['--export', mine('mine.html'), /mine\.html exists and is not a page of studio; --force overwrites it/],
    ['--record', mine('mine.log'), /mine\.log exists and is not a recording; --force overwrites it/],
  ] as const) {
    const refused = await runScript('studio.ts', [...args, '--out', kept, option, path], folder);
    assert.is(refused.status, 2);
    assert.match(refused.stderr, why);
    assert.is(readFileSync(path, 'utf8'), 'mine\n');
    assert.is((await runScript('studio.ts', [...args, '--out', kept, option, path, '--force'], folder)).status, 0);
    assert.not.equal(readFileSync(path, 'utf8'), 'mine\n');
  }
  const text = join(folder, 'other.txt');
  writeFileSync(text, 'to be or not to be, that is the question\n'.repeat(40));
  const other = await runScript(
    'studio.ts',
    [...args, '--data', text, '--out', join(folder, 'other.safetensors'), '--record', join(folder, 'studio.log')],
    folder,
  );
  assert.match(other.stderr, /studio\.log holds a recording of .*dinosaurs\.csv; --force overwrites it/);
});

test('a recording that does not fit on its disk: the run goes to its end, and its model and page are saved', async () => {
  const options = '--hidden 8 --lanes 2 --window 10 --steps 3 --export run.html --json';
  const line = `${FULL_DISK} FULL_DISK='studio.log 1' $SCRIPT ${options} >o; s=$?; tail -1 o; (exit $s)`;
  const { status, stdout, stderr } = await runShell('studio.ts', line);
  assert.match(stderr, /^studio\.ts: .*studio\.log.*ENOSPC[^\n]*\n$/);
  assert.is(status, 1);
  assert.equal(JSON.parse(stdout), { saved: { model: 'studio.safetensors', page: 'run.html' } });
});

test('a model that does not fit on its disk: the page is exported', async () => {
  const options = '--hidden 8 --lanes 2 --window 10 --steps 3 --export run.html --json';
  const line = `${FULL_DISK} FULL_DISK='studio.safetensors 1' $SCRIPT ${options} >o; s=$?; tail -1 o; (exit $s)`;
  const { status, stdout, stderr } = await runShell('studio.ts', line);
  assert.match(stderr, /^studio\.ts: saveModel: .*ENOSPC[^\n]*\n$/);
  assert.is(status, 1);
  assert.equal(JSON.parse(stdout), { saved: { recording: 'studio.log', page: 'run.html' } });
});

test('mistakes are one line each', async () => {
  await assertRefused('studio.ts', ['--compare', 'none'], /--compare none: there is no such file or folder/);
  await assertRefused('studio.ts', ['--replay', 'none'], /none: there is no such file/);
});

test('--tab writes the studio of one tab, and refuses options of a run', async () => {
  const folder = emptyFolder();
  const { status, stdout } = await runScript('studio.ts', ['--tab', 'new', '--json'], folder);
  assert.is(status, 0);
  assert.equal(JSON.parse(stdout), { page: join('new', 'index.html') });
  assert.ok(existsSync(join(folder, 'new', 'index.html')));
  const refused = await runScript('studio.ts', ['--tab', 'other', '--steps', '3'], folder);
  assert.is(refused.status, 2);
  assert.match(refused.stderr, /--steps: is not for --tab, which trains nothing/);
  assert.not.ok(existsSync(join(folder, 'other')));
  assert.is((await runScript('studio.ts', ['--tab', 'new'], folder)).status, 0, 'its own folder');
  mkdirSync(join(folder, 'site'));
  writeFileSync(join(folder, 'site', 'index.html'), 'mine\n');
  const kept = await runScript('studio.ts', ['--tab', 'site'], folder);
  assert.is(kept.status, 2);
  assert.match(kept.stderr, /--tab site holds other files; --force writes among them/);
  assert.is(readFileSync(join(folder, 'site', 'index.html'), 'utf8'), 'mine\n');
  assert.is((await runScript('studio.ts', ['--tab', 'site', '--force'], folder)).status, 0);
});

test.run();
