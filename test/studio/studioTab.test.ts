// The studio in one tab, without a server behind it: the network learns in a worker of the page, in Chromium.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { studioTab } from '../../src/studio.js';
import { until } from '../support/until.js';
import { chromiumPath, startChromium, stepShown } from './chromium.js';
import { lossesOf, watchedRun } from './runs.js';

const folder = mkdtempSync(join(tmpdir(), 'rxrnn-tab-'));
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  txt: 'text/plain',
};
const inChromium = chromiumPath ? test : test.skip;
const errors: string[] = [];

test.after(() => rmSync(folder, { recursive: true }));

inChromium('it learns, pauses, steps, answers, goes back to a checkpoint, and learns lines of the person', async () => {
  await studioTab(
    folder,
    ['anna', 'hannah', 'nina', 'ina', 'hanna', 'ian'].flatMap((name) => Array<string>(20).fill(name)),
  );
  const server = createServer((request, response) => {
    const name = request.url === '/' ? 'index.html' : request.url!.slice(1);
    response.setHeader('Content-Type', TYPES[name.split('.').at(-1)!]!);
    response.end(readFileSync(join(folder, name)));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const browser = await startChromium();
  try {
    const tab = await browser.newPage();
    tab.setDefaultTimeout(15_000);
    tab.on('pageerror', ({ message }) => errors.push(message));
    tab.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await tab.locator('#title', { hasText: '120 lines, in this tab' }).waitFor();
    await tab.locator('#status', { hasText: /Step .* symbols\/s/ }).waitFor();
    await tab.locator('#held-about').waitFor(); // a validation has come
    await tab.locator('#loss .u-legend', { hasText: 'held out' }).waitFor();
    for (const id of ['recorded-about', 'watching']) assert.ok(await tab.locator(`#${id}`).isHidden(), id);
    assert.is(await tab.locator('#connection').textContent(), '');
    await tab.locator('#save').click();
    await tab.locator('#checkpoints option', { hasText: 'step' }).waitFor({ state: 'attached' });
    const saved = Number((await tab.locator('#checkpoints').inputValue()).replace('step ', ''));
    await tab.locator('#pause').click();
    await tab.locator('#status', { hasText: 'paused' }).waitFor();
    let before = -1;
    await until(async () => {
      const was = before;
      before = await stepShown(tab);
      await tab.waitForTimeout(500); // what was learned before the pause may still be on its way to the page
      return before === was;
    });
    await tab.locator('#one').click();
    await until(async () => (await stepShown(tab)) === before + 1);
    await tab.locator('#reset').click();
    const back = `Step ${saved.toLocaleString('en')} · gone back to it · paused`;
    await tab.locator('#status', { hasText: back }).waitFor();
    const sample = `after step ${saved.toLocaleString('en')}`;
    await tab.locator('#columns figure:last-child figcaption', { hasText: sample }).waitFor();
    await tab.locator('#one').click();
    await until(async () => (await stepShown(tab)) === saved + 1);
    await tab.locator('#prompt').fill('an');
    await tab.locator('#ask button').click();
    await tab.locator('#answer', { hasText: /^an./ }).waitFor();
    await tab.locator('#lines').fill('a');
    await tab.locator('#learn').click();
    await tab.locator('#own-problem', { hasText: 'the text must have at least 30 characters, got 1' }).waitFor();
    await tab.locator('#lines').fill('tick\ntock\n'.repeat(50));
    await tab.locator('#learn').click();
    await tab.locator('#title', { hasText: '100 lines' }).waitFor();
    assert.is(await tab.locator('#own-problem').textContent(), '');
    await tab
      .locator('#columns pre', { hasText: /t[io]ck/ })
      .first()
      .waitFor();
    assert.equal(errors, []);
  } finally {
    await browser.close();
    server.close();
  }
});

inChromium('opened as a file, where its script cannot come, it says what it needs', async () => {
  await studioTab(folder, ['anna']);
  const browser = await startChromium();
  try {
    const tab = await browser.newPage();
    await tab.goto(`file://${join(folder, 'index.html')}`);
    await tab.locator('#connection', { hasText: 'This page begins on a web server only' }).waitFor();
  } finally {
    await browser.close();
  }
});

inChromium('a page that was saved as one file opens from the disk, without a network and without errors', async () => {
  const run = watchedRun({ fast: true });
  const path = join(folder, 'run.html');
  await run.page.url;
  await lossesOf(run.step$, 60);
  await run.page.export(path);
  await run.page.close();
  const browser = await startChromium();
  try {
    const tab = await browser.newPage();
    const requests: string[] = [];
    tab.on('pageerror', ({ message }) => errors.push(message));
    tab.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
    tab.on('request', (request) => requests.push(request.url().split(',')[0]!));
    await tab.goto(`file://${path}`);
    await tab.locator('#status', { hasText: 'Step 60' }).waitFor();
    await tab.locator('#loss canvas').waitFor();
    for (const id of ['pause', 'write', 'match']) assert.ok(await tab.locator(`#${id}`).isDisabled(), id);
    assert.match((await tab.locator('footer').innerText()).trim(), /without it\.$/);
    assert.equal(
      requests.filter((url) => !url.startsWith('data:')),
      [`file://${path}`],
    );
    assert.equal(errors, []);
  } finally {
    await browser.close();
  }
});

test('the folder has its five files', async () => {
  await studioTab(folder, ['<a>']);
  assert.is(readFileSync(join(folder, 'lines.txt'), 'utf8'), '<a>\n');
  assert.match(
    readFileSync(join(folder, 'index.html'), 'utf8'),
    /<html data-worker lang="en">[^]*content="default-src 'none'; script-src 'self' 'wasm-unsafe-eval'/,
  );
  await studioTab(1 as never).then(
    () => assert.unreachable(),
    ({ message }: Error) => assert.is(message, 'studioTab: folder must be a string, got 1'),
  );
});

test.run();
