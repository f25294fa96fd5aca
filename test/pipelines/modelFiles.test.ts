// Files of models among the jobs: none overwrites what another has made, and `--model` says which job makes what it takes.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkOverwrite } from '../../pipelines/cli/checkOverwrite.js';
import { UsageError } from '../../pipelines/cli/command.js';
import { modelProvenance } from '../../pipelines/cli/modelProvenance.js';
import { linear, saveModel, sequential } from '../../src/index.js';
import { assertRefused, emptyFolder, runScript, runShell } from './runScript.js';

const folder = emptyFolder();
function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}
const range = (length: number): number[] => [...Array(length).keys()];
const text = file('text.txt', range(300).map((i) => `line ${i % 7} of it\n`).join('')); // prettier-ignore
const labels = file('labels.csv', `text,label\n${range(40).map((i) => `${i % 2 ? 'ab' : 'cd'},${i % 2}\n`).join('')}`); // prettier-ignore
const sessions = file('sessions.txt', range(8).map((i) => `a b ${i % 2 ? 'c' : 'd'}\n`).join('')); // prettier-ignore
const cases = file('cases.csv', `case,event,time\n${range(36).map((i) => `${i % 9},e${i % 2},${i}\n`).join('')}`); // prettier-ignore
const pairs = file('pairs.csv', 'source,target\nab,ba\ncd,dc\n');
const rows = file(
  'rows.csv',
  `t,value\n${range(60)
    .map((i) => `${i},${i % 5}\n`)
    .join('')}`,
);

/** The jobs with `--out`: the script, and how it makes a small model. */
const JOBS: Readonly<Record<string, readonly [script: string, ...args: string[]]>> = {
  names: ['names.ts', '--data', text, '--iterations', '1', '--hidden', '2'],
  charlm: ['charlm.ts', '--data', text, '--steps', '1', '--hidden', '2', '--lanes', '1', '--window', '5'],
  studio: ['studio.ts', '--data', text, '--steps', '1', '--hidden', '2', '--lanes', '1', '--window', '5'],
  classify: ['classify.ts', '--data', labels, '--epochs', '1', '--hidden', '2'],
  events: ['events.ts', '--train', sessions, '--scan', sessions, '--epochs', '1', '--hidden', '2'],
  'events --next': ['events.ts', '--next', '--data', cases, '--epochs', '1', '--hidden', '2'],
  translate: ['translate.ts', '--data', pairs, '--epochs', '1', '--hidden', '2'],
  forecast: ['forecast.ts', '--data', rows, '--horizon', '1', '--season', '5', '--hidden', '2', '--minutes', '0.001'],
};
const made = new Map<string, string>();

test('each job names itself in the model that it saves', async () => {
  for (const [job, [script, ...args]] of Object.entries(JOBS)) {
    const path = join(folder, `${job}.safetensors`);
    const { status, stderr } = await runScript(script, [...args, '--json', '--out', path]);
    assert.is(status, 0, `${job}: ${stderr}`);
    made.set(job, path);
  }
  const path = join(folder, 'surprise.safetensors');
  const { stderr } = await runShell('surprise.ts', `printf 'a\\n' | $SCRIPT --learn --json --out ${path}`); // prettier-ignore
  assert.is(modelProvenance(path)?.['job'], 'surprise', stderr);
  made.set('surprise', path);
});

test('no job overwrites what another has made, whatever its data: all pairs', () => {
  for (const [maker, path] of made) {
    const provenance = modelProvenance(path)!;
    const from = { data: provenance['data'] as string };
    for (const job of made.keys()) {
      const write = (): unknown => checkOverwrite(path, job, maker === 'surprise' ? {} : from);
      if (job === maker) assert.equal(write(), provenance);
      else {
        assert.throws(write, (error: Error) => {
          assert.instance(error, UsageError);
          assert.ok(error.message.includes(`holds a model that rxrnn ${maker} made, not rxrnn ${job}; --force`));
          return true;
        });
      }
    }
  }
});

test('each job refuses the file of another before it learns', async () => {
  const jobs = Object.entries(JOBS);
  for (const [i, [job, [script, ...args]]] of jobs.entries()) {
    const [other] = jobs[(i + 1) % jobs.length]!;
    const path = made.get(other)!;
    const before = readFileSync(path);
    const message = new RegExp(`holds a model that rxrnn ${other} made, not rxrnn ${job}; --force overwrites it`);
    await assertRefused(script, [...args, '--out', path], message);
    assert.equal(readFileSync(path), before);
  }
});

test('a model that names no job is of another program', () => {
  const path = join(folder, 'own.safetensors');
  saveModel(path, sequential({ linear: linear({ inputSize: 1, outputSize: 1 }) }), { provenance: { data: 'x' } });
  assert.throws(() => checkOverwrite(path, 'names', { data: 'x' }), /holds a model that another program made/);
});

/** The jobs with `--model`: what they are started with, what they take, and the job that makes it. */
const READERS: readonly (readonly [what: string, maker: string, script: string, ...args: string[]])[] = [
  ['a classifier', 'classify', 'classify.ts'],
  ['a score of sessions', 'events', 'events.ts', '--scan', sessions],
  ['a model of next events', 'events --next', 'events.ts', '--next', '--data', cases],
  ['a translator', 'translate', 'translate.ts', 'word'],
  ['a model of forecasts', 'forecast', 'forecast.ts', '--data', rows],
  ['a model of text', 'charlm', 'generate.ts'],
  ['a model of text', 'charlm', 'surprise.ts', text],
  ['a model of text', 'charlm', 'worker.ts', '--until-idle', '0.1'],
];

for (const [what, maker, script, ...args] of READERS) {
  test(`${script} ${args.slice(0, 1).join('')} --model says what is not ${what}, and what makes one`, async () => {
    mkdirSync(join(folder, 'folder'), { recursive: true });
    const makes = `\`rxrnn ${maker} --out FILE\` makes one`;
    const others = [text, labels, file('empty', ''), join(folder, 'folder')];
    for (const path of others) {
      const message = new RegExp(`: --model: ${path} is not a model file; ${makes} \\(.+\\)\n$`);
      await assertRefused(script, [...args, '--model', path], message);
    }
    const foreign = maker === 'classify' ? 'events' : 'classify';
    const message = new RegExp(`: --model: .* is not ${what}; ${makes} \\(rxrnn ${foreign} made it\\)\n$`);
    await assertRefused(script, [...args, '--model', made.get(foreign)!], message);
  });
}

test.run();
