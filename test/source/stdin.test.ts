import { spawn } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** Runs a script that imports from `src/source`, gives it `input` and collects its lines. */
function run(
  script: string,
  input: Uint8Array | string,
  end: boolean = true,
): Promise<{ output: string; status: number | null }> {
  const imports = `
    import { stdin } from './src/source/stdin.js';
    import { stdinLines } from './src/source/stdinLines.js';
    import { take, toArray } from 'rxjs';
    const show = { next: (value) => console.log(JSON.stringify(value)), error: (error) => console.log(error.message) };
  `;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', imports + script], {
      timeout: 30_000,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stdin.on('error', () => {});
    child.stdin.write(input);
    if (end) child.stdin.end();
    child.on('close', (status) => resolve({ output, status }));
  });
}

test('stdin emits the code points of standard input', async () => {
  const { output, status } = await run('stdin({ newline: "lf" }).pipe(toArray()).subscribe(show)', 'a\r\n\u{1f600}');
  assert.equal([output, status], ['["a","\\n","\u{1f600}"]\n', 0]);
});

test('leaving stdin lets the process end although its input does not', async () => {
  const { output, status } = await run('stdin().pipe(take(1)).subscribe(show)', 'abc', false);
  assert.equal([output, status], ['"a"\n', 0]);
});

test('stdin can be read only once', async () => {
  const script = 'stdin().subscribe({ complete() { stdin().subscribe(show) } }); stdin().subscribe(show)';
  const { output } = await run(script, 'a');
  assert.is(output, 'stdin: can be read only once\nstdin: can be read only once\n');
});

test('stdin names itself in errors', async () => {
  const { output } = await run('stdin().pipe(toArray()).subscribe(show)', Buffer.of(0x61, 0xff));
  assert.is(output, 'stdin: invalid UTF-8 at byte 1\n');
});

test('stdinLines emits each line as soon as its ending is there', async () => {
  const { output, status } = await run('stdinLines().pipe(take(2)).subscribe(show)', 'one\r\ntwo\nthr', false);
  assert.equal([output, status], ['"one"\n"two"\n', 0]);
});

test('stdinLines names itself and the line in errors', async () => {
  const { output } = await run('stdinLines({ maxLineBytes: 3 }).subscribe(show)', 'one\nthree\n');
  assert.is(output, '"one"\nstdin, line 2: longer than 3 bytes (maxLineBytes)\n');
});

test.run();
