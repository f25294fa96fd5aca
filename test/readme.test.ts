// The shape of the README and its diagram; `examples.test.ts` runs its examples, `documents.test.ts` follows its links.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defer, map, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encode, pull, requested, vocabularyOf, windows } from '../src/index.js';
import { diagram, type Message } from '../src/record/diagram.js';

const project = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(project, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```text\n(.*?)^```$/gms)].map(([, text]) => text!);

test('README stays within 200 lines', () => {
  assert.ok(readme.split('\n').length <= 200);
});

test('README has one subject per section, in the order of a first reading', () => {
  const headings = Array.from(readme.matchAll(/^## (.*)$/gm), ([, heading]) => heading);
  assert.equal(headings, [
    'Install and run',
    'A pipeline',
    'Training',
    'Demand',
    'Jobs',
    'Operators',
    'Layers and models',
    'Files and browsers',
    'Arithmetic',
    'Measured',
    'Limits',
    'More',
  ]);
});

const scripts = readdirSync(join(project, 'pipelines')).filter((name) => name.endsWith('.ts'));

test('README names every job', () => {
  assert.ok(scripts.length > 5);
  assert.equal(
    scripts.filter((name) => !readme.includes(`npx rxrnn ${name.replace('.ts', '')}`)),
    [],
  );
});

test('pipelines/README.md has a row of every script', () => {
  const rows = readFileSync(join(project, 'pipelines/README.md'), 'utf8');
  assert.equal(
    scripts.filter((name) => !rows.includes(`](${name})`)),
    [],
  );
});

test('the diagram of demand is the one that the library draws', () => {
  assert.is(
    blocks.find((text) => text.includes('demand$  ')),
    drawDemand(),
  );
});

/** Draws letters under demand, and the windows made from them. */
function drawDemand(): string {
  const scheduler = new TestScheduler(() => undefined);
  return scheduler.run(({ hot, flush }) => {
    const rows = new Map<string, Message[]>();
    const demand$ = hot('-2-----1-3-------3|', { 1: 1, 2: 2, 3: 3 });
    const letters$ = defer(() => pull('hellohe', requested(demand$)));
    const plain = ({ inputs, targets }: { inputs: Iterable<number>; targets: Iterable<number> }) =>
      `${[...inputs].join(' ')} → ${[...targets].join(' ')}`;
    const windows$ = letters$.pipe(encode(vocabularyOf(Array.from('ehlo'))), windows({ steps: 2 }), map(plain));
    const watched: Record<string, Observable<unknown>> = { demand$, letters: letters$, windows: windows$ };
    for (const [name, source] of Object.entries(watched)) {
      const messages: Message[] = [];
      rows.set(name, messages);
      source.subscribe({
        next: (value) => messages.push({ frame: scheduler.frame, notification: { kind: 'N', value } }),
        complete: () => messages.push({ frame: scheduler.frame, notification: { kind: 'C' } }),
      });
    }
    flush();
    const legend = new Map<string, string>();
    const lines = [...rows].map(([name, messages]) => `${name.padEnd(8)} ${diagram(messages, { legend })}\n`);
    const values = [...legend]
      .filter(([text]) => !/^"\w"$/.test(text))
      .map(([text, marble]) => `${marble} := ${text}\n`);
    return [...lines, '\n', ...values].join('');
  });
}

test.run();
