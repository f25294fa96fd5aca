// The command to run after a job has ended: printed to a person at a terminal, and to nobody else; so is what is not saved.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { jobCommand, suggest } from '../../pipelines/cli/suggest.js';
import { warnUnsaved } from '../../pipelines/cli/warnUnsaved.js';

for (const [script, command] of [
  ['pipelines/names.ts', "npx tsx pipelines/generate.ts --model 'my names.safetensors'"],
  ['/usr/lib/rxrnn/dist/pipelines/names.js', "npx rxrnn generate --model 'my names.safetensors'"],
] as const) {
  test(`the command beside ${script}`, () =>
    assert.is(jobCommand('generate', ['--model', 'my names.safetensors'], script), command));
}

/** What is written to standard error, as a terminal or not, while a function runs. */
function written(terminal: boolean, run: () => void): string {
  const { isTTY, write } = process.stderr;
  let text = '';
  process.stderr.isTTY = terminal;
  process.stderr.write = (piece) => {
    text += String(piece);
    return true;
  };
  try {
    run();
  } finally {
    Object.assign(process.stderr, { isTTY, write });
  }
  return text;
}

test('a person at a terminal sees the command, others do not', () => {
  const run = (): void => suggest('to write with it', 'generate', '--model', 'a.safetensors');
  assert.match(written(true, run), /^to write with it:\n {2}npx .*generate.* --model a\.safetensors\n$/);
  assert.is(written(false, run), '');
});

test('a person at a terminal reads that nothing is saved, and how it is', () => {
  assert.match(written(true, warnUnsaved).replaceAll('\n', ' '), /^what is learned is not saved: --out FILE keeps it,/);
  assert.is(written(false, warnUnsaved), '');
});

test.run();
