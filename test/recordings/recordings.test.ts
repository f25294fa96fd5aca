// The recordings of the article's systems are replayed; nothing here writes them (`npm run record` does).
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadStateDict, stateDict } from '../../src/index.js';
import { difference, parse, print, readRecording, type Recording, replay } from '../../src/recording.js';
import { runSystem } from '../../pipelines/replay/runSystem.js';
import type { System } from '../../pipelines/replay/system.js';
import { systems } from '../../pipelines/replay/systems.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
const readRecorded = (name: string): Recording => readRecording(`${folder}${name}.marbles.txt`);

for (const [name, system] of Object.entries(systems)) {
  test(`${name}: the recorded inputs give the recorded outputs, to the bit`, async () => {
    checkReplay(readRecorded(name), await system());
  });
}

test('every system has a recording and every recording a system', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.marbles.txt'));
  assert.equal(
    files.toSorted(),
    Object.keys(systems)
      .map((name) => `${name}.marbles.txt`)
      .toSorted(),
  );
});

test('a recording is printed as in its file', () => {
  const text = readFileSync(`${folder}names.marbles.txt`, 'utf8');
  assert.is(print(parse(text)), text);
});

test('a fresh run draws the recorded inputs', async () => {
  const system = await systems['translate']!();
  assert.is(difference(readRecorded('translate'), runSystem(system)), undefined);
});

test('one bit of one weight is reported by the first marble that differs, with both diagrams', async () => {
  const system = await systems['binary-addition']!();
  const weights = stateDict(system.model);
  weights.get('rnn.weight_hh_l0')!.data[7]! *= 1 + 2 ** -52;
  loadStateDict(system.model, weights);
  const { message, details } = failure('binary-addition', system);
  assert.match(message, /^(losses|gradient norms): marble \d+, at step \d+, differs: expected 0\.\d+, got 0\.\d+$/);
  assert.match(details, /^Expected: {2}-[^\n]+\nActual: {4}-[^\n]+\n\na := /);
});

test('another seed is reported at the first loss', async () => {
  const { message } = failure('names', await systems['names']!(1));
  assert.match(message, /^losses: marble 1, at step 1, differs: /);
});

test('a kernel that rounds one number differently is reported at the first loss', async () => {
  const system = await systems['hello-cell']!();
  const kernel = system.model.kernel as { crossEntropy: (...terms: never[]) => number };
  const { crossEntropy } = kernel;
  kernel.crossEntropy = (...terms) => crossEntropy(...terms) * (1 + 2 ** -52);
  try {
    assert.match(failure('hello-cell', system).message, /^losses: marble 1, at step 1, differs: /);
  } finally {
    kernel.crossEntropy = crossEntropy;
  }
});

test.run();

/** Fails with both diagrams unless the system repeats the recording. */
function checkReplay(recording: Recording, system: System<unknown>): void {
  const found = difference(recording, runSystem(system, replay(recording, 'inputs')));
  if (found !== undefined) throw Object.assign(new Error(found.message), { details: found.details });
}

/** Gives the error of the replay of a changed system. */
function failure(name: string, system: System<unknown>): { message: string; details: string } {
  try {
    checkReplay(readRecorded(name), system);
  } catch (error) {
    return error as Error & { details: string };
  }
  return assert.unreachable(`${name} was replayed as if nothing had changed`) as never;
}
