// The command that continues from where a job has ended: printed to a person at a terminal, and to nobody else.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { jobCommand, suggest } from '../../pipelines/cli/suggest.js';

for (const [script, command] of [
  ['pipelines/names.ts', "npx tsx pipelines/generate.ts --model 'my names.safetensors'"],
  ['/usr/lib/rxrnn/dist/pipelines/names.js', "npx rxrnn generate --model 'my names.safetensors'"],
] as const) {
  test(`the command beside ${script}`, () =>
    assert.is(jobCommand('generate', ['--model', 'my names.safetensors'], script), command));
}

for (const [terminal, printed] of [
  [true, 1],
  [false, 0],
] as const) {
  test(`${terminal ? 'a terminal' : 'a pipe'} is written ${printed} of them`, () => {
    const { isTTY, write } = process.stderr;
    const lines: string[] = [];
    process.stderr.isTTY = terminal;
    process.stderr.write = (text) => lines.push(String(text)) > 0;
    try {
      suggest('to write with it', 'generate', '--model', 'a.safetensors');
    } finally {
      Object.assign(process.stderr, { isTTY, write });
    }
    assert.is(lines.length, printed);
    assert.match(
      lines.join(''),
      printed > 0 ? /^to write with it:\n {2}npx .*generate.* --model a\.safetensors\n$/ : /^$/,
    );
  });
}

test.run();
