// The page in Chromium: what a person sees and does. Counted as skipped where there is no Chromium.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { of, type Subscription } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrainingStep } from '../../src/index.js';
import { recorder } from '../../src/recording.js';
import { PATIENCE, until } from '../support/until.js';
import { chromiumPath, startChromium, stepShown } from './chromium.js';
import { type WatchedRun, watchedRun } from './runs.js';

if (!chromiumPath) console.log('SKIPPED Chromium: there is none in the usual places, and CHROMIUM names none');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
/** What asks the run for something. */
const STEERING = ['pause', 'one', 'save', 'learning-rate', 'temperature', 'top-p', 'checkpoints', 'reset', 'prompt'];
/** What is open in a test. */
interface Open extends WatchedRun {
  readonly tab: Page;
  readonly context: BrowserContext;
  readonly steps: TrainingStep[];
  readonly errors: string[];
}

/** A test of a run and its page, both of which end with it; an error on the page is a failure. */
function inChromium(
  name: string,
  look: (open: Open) => Promise<void>,
  given: Parameters<typeof watchedRun>[0] = {},
): void {
  (chromiumPath ? test : test.skip)(name, async () => {
    const run = watchedRun(given);
    const steps: TrainingStep[] = [];
    const errors: string[] = [];
    let running: Subscription | undefined;
    const context = await browser.newContext({ bypassCSP: false });
    try {
      const tab = await context.newPage();
      tab.on('pageerror', ({ message }) => errors.push(message));
      tab.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
      tab.setDefaultTimeout(PATIENCE);
      running = run.step$.subscribe((step) => steps.push(step));
      await tab.goto(await run.page.url);
      await tab.locator('#status', { hasText: 'Step' }).waitFor();
      await look({ ...run, tab, context, steps, errors });
      assert.equal(errors, []);
    } finally {
      running?.unsubscribe();
      await context.close();
      await run.page.close();
    }
  });
}

test.before(async () => {
  if (chromiumPath) browser = await startChromium();
});
test.after(() => browser?.close());

inChromium('the curves grow, and each view is there', async ({ tab }) => {
  const first = await stepShown(tab);
  await until(async () => (await stepShown(tab)) > first + 20);
  await tab.locator('#loss canvas').waitFor();
  await tab.locator('#text .c').first().waitFor();
  await tab.locator('#columns figure').nth(2).waitFor();
  await tab.locator('#marbles circle').first().waitFor();
  await tab.locator('#map').waitFor();
});

inChromium('an axis has room for its labels', async ({ tab }) => {
  await tab.locator('#learning-rate').fill('-2.3');
  const place = (): Promise<number> =>
    tab.locator('#rate .u-over').evaluate((over) => Number(Reflect.get(over, 'offsetLeft')));
  await until(async () => (await place()) >= 22 + 7 * '0.005'.length);
  await tab.locator('#learning-rate').fill('-4.8');
  await tab.locator('#log').check();
  await until(async () => (await place()) >= 22 + 7 * '1.0e-5'.length);
});

inChromium('a slider changes the rate of the next steps, and the temperature', async ({ tab, steps, controls }) => {
  await tab.locator('#learning-rate').fill('-3');
  await until(() => steps.at(-1)!.learningRate === 0.001);
  let temperature = 0;
  controls.temperature$.subscribe((value) => (temperature = value)).unsubscribe();
  assert.is(temperature, 0.8);
  await tab.locator('#temperature').fill('1.5');
  await until(async () => {
    controls.temperature$.subscribe((value) => (temperature = value)).unsubscribe();
    return temperature === 1.5;
  });
});

inChromium('nothing can be used before it works, and a key that comes too early is answered', async (run) => {
  const { tab, steps, page } = run;
  let connect = (): void => undefined;
  const held = new Promise<void>((resolve) => (connect = resolve));
  await tab.route('**/events*', async (route) => {
    await held;
    await route.continue();
  });
  const arrives = held.then(() => page.url); // the script, too, comes after somebody has looked at the page
  await tab.route('**/page.js', async (route) => {
    await tab.evaluate('document.readyState');
    for (const id of STEERING) assert.ok(await tab.locator(`#${id}`).isDisabled(), id);
    await route.continue();
  });
  await tab.goto(await page.url);
  for (const id of STEERING) assert.ok(await tab.locator(`#${id}`).isDisabled(), id);
  await tab.keyboard.press('Space');
  await tab.locator('#problem', { hasText: 'The page is not connected to its run yet.' }).waitFor();
  connect();
  await arrives;
  await tab.locator('#learning-rate').fill('-4'); // as soon as it is enabled
  await until(() => steps.at(-1)!.learningRate === 0.0001);
  for (const id of STEERING.filter((id) => id !== 'checkpoints' && id !== 'reset'))
    assert.not(await tab.locator(`#${id}`).isDisabled(), id);
});

inChromium(
  'the page comes with what the run shows, and draws it before it is connected',
  async ({ tab, page, steps }) => {
    await tab.locator('#pause').click();
    await tab.locator('#status', { hasText: 'paused' }).waitFor();
    await until(() => steps.length > 0);
    await tab.route('**/events*', () => undefined); // never answered
    await tab.goto(await page.url);
    assert.is(await stepShown(tab), steps.length);
    for (const id of ['#loss canvas', '#columns figure', '#text .c', '#marbles circle'])
      assert.ok((await tab.locator(id).count()) > 0, id);
    for (const id of STEERING) assert.ok(await tab.locator(`#${id}`).isDisabled(), id);
  },
);

inChromium('the latest place of a slider is the last that the run hears', async ({ tab, steps }) => {
  // the first answer comes late, as on a connection of its own
  let first = true;
  await tab.route('**/act', async (route) => {
    if (first) await tab.waitForTimeout(300);
    first = false;
    await route.continue();
  });
  for (const place of ['-1', '-2', '-3', '-4']) {
    await tab.locator('#learning-rate').fill(place);
    await tab.waitForTimeout(60);
  }
  await until(() => steps.at(-1)!.learningRate === 0.0001);
  const { length } = steps;
  await until(() => steps.length > length + 100);
  assert.is(steps.at(-1)!.learningRate, 0.0001);
  assert.is(await tab.locator('#learning-rate').inputValue(), '-4');
  assert.is(await tab.locator('#learning-rate-value').textContent(), '1.0e-4');
});

inChromium('a wish that does not reach the run is said, and the slider is what the run has', async (run) => {
  const { tab, steps, errors } = run;
  await tab.route('**/act', (route) => route.abort());
  await tab.locator('#learning-rate').fill('-4');
  await tab.locator('#problem', { hasText: 'The run did not answer, and may not have heard this.' }).waitFor();
  await until(async () => (await tab.locator('#learning-rate').inputValue()) === '-2');
  assert.is(steps.at(-1)!.learningRate, 0.01);
  assert.ok(
    errors.every((error) => error.startsWith('Failed to load resource')),
    errors.join(),
  );
  errors.length = 0; // the browser's own, of the request
});

inChromium('what scrolls sideways shows that there is more, on the side where it is', async ({ tab }) => {
  await tab.setViewportSize({ width: 360, height: 740 });
  const map = tab.locator('.frame', { has: tab.locator('#map') });
  const sides = async (): Promise<string> => (await map.getAttribute('class')) ?? '';
  await until(async () => (await sides()) === 'frame more-right');
  await tab.locator('#map').evaluate((canvas) => void (canvas.parentElement!.scrollLeft = 100));
  await until(async () => /more-left.*more-right|more-right.*more-left/.test(await sides()));
  await tab.locator('#map').evaluate((canvas) => void (canvas.parentElement!.scrollLeft = 100_000));
  await until(async () => (await sides()) === 'frame more-left');
});

inChromium('pause stops, a step is one step, by buttons and by keys', async ({ tab, steps }) => {
  await tab.locator('#pause').click();
  await tab.locator('#pause', { hasText: 'Continue' }).waitFor();
  const { length } = steps;
  await tab.locator('#one').click();
  await until(() => steps.length === length + 1);
  await tab.locator('h1').click(); // where keys belong to the page
  await tab.evaluate('document.activeElement.blur()').catch(() => undefined);
  await tab.keyboard.press('ArrowRight');
  await until(() => steps.length === length + 2);
  await tab.keyboard.press('Shift+ArrowRight');
  await until(() => steps.length === length + 12);
  await until(async () => (await stepShown(tab)) === steps.length);
  assert.is(steps.length, length + 12);
  await tab.keyboard.press('Space');
  await until(() => steps.length > length + 20);
});

inChromium('keys work after a button was used, and mean what they mean in a field', async ({ tab, steps }) => {
  await tab.locator('#pause').click();
  await tab.locator('#pause', { hasText: 'Continue' }).waitFor();
  const { length } = steps;
  await tab.keyboard.press('ArrowRight');
  await until(() => steps.length === length + 1);
  await tab.locator('#log').check();
  await tab.keyboard.press('ArrowRight');
  await until(() => steps.length === length + 2);
  for (const id of ['prompt', 'learning-rate', 'text', 'unit', 'from', 'map']) {
    await tab.locator(id === 'map' ? '#columns' : `#${id}`).focus();
    await tab.keyboard.press('ArrowRight');
  }
  await tab.locator('#one').click();
  await until(() => steps.length === length + 3);
  await until(async () => (await stepShown(tab)) === length + 3);
  assert.is(steps.length, length + 3);
});

inChromium('a run that ends says so, with its last step, and leaves nothing to press', async ({ tab, page }) => {
  await page.close();
  await tab.locator('#connection', { hasText: /^The run has ended, after step [\d,]+\.$/ }).waitFor();
  const said = /step ([\d,]+)/.exec((await tab.locator('#connection').textContent())!)![1]!;
  assert.is(await stepShown(tab), Number(said.replaceAll(',', '')));
  for (const id of ['pause', 'one', 'save', 'write', 'match']) assert.ok(await tab.locator(`#${id}`).isDisabled(), id);
});

inChromium('an address without its token, or with another, says why nothing can be pressed', async ({ tab, page }) => {
  const address = new URL(await page.url);
  for (const search of ['', '?token=other']) {
    await tab.goto(`${address.origin}/${search}`);
    await tab.locator('#connection', { hasText: 'You may only look: steering needs the whole address' }).waitFor();
    await tab.locator('#status', { hasText: 'Step' }).waitFor();
    for (const id of ['pause', 'one', 'save', 'write', 'prompt', 'match'])
      assert.ok(await tab.locator(`#${id}`).isDisabled(), id);
  }
});

inChromium('the text says what was expected, by pointer and keyboard, and is coloured by a unit', async ({ tab }) => {
  await tab.locator('#text .c').nth(4).hover();
  await tab.locator('#details', { hasText: /surprised by \d+\.\d\d bits .* Expected: (.+ \d+ %){5}/ }).waitFor();
  await tab.locator('#text').focus();
  await tab.keyboard.press('ArrowRight');
  await tab.locator('#text .c.here').waitFor();
  assert.is(await tab.locator('#text .c').evaluateAll((all) => all.findIndex((c) => c.classList.contains('here'))), 5);
  await tab.locator('#show-likeliest').check();
  assert.is(await tab.locator('#text .c').nth(5).locator('small').count(), 5);
  await tab.locator('#map').click({ position: { x: 30, y: 30 } });
  await tab.locator('#reading-about', { hasText: 'coloured by lstm.h 2' }).waitFor();
  await tab.locator('#gates-about', { hasText: 'lstm.h 2: i lets in, f keeps' }).waitFor();
});

inChromium('a span that is selected finds its like', async ({ tab }) => {
  await tab.locator('#pause').click();
  await tab.locator('#from').fill('4');
  await tab.locator('#to').fill('8');
  await tab.locator('#match').click();
  await tab.locator('#matches mark').first().waitFor();
  const found = await tab.locator('#matches mark').allTextContents();
  assert.ok(found.length >= 3 && found.every((text) => text.length === 4), found.join('|'));
  assert.is(await tab.locator('#matches button').count(), 8);
});

inChromium('a prompt is answered token by token', async ({ tab }) => {
  await tab.locator('#prompt').fill('the ');
  await tab.locator('#ask button').click();
  await tab.locator('#answer', { hasText: /^the .{5,}/ }).waitFor();
  await tab.locator('#prompt').fill('theẞ 7ẞ');
  await tab.locator('#ask button').click();
  await tab.locator('#answer', { hasText: /^theẞ 7ẞ[^]* \(not in its alphabet, and so not read: ẞ 7\)$/ }).waitFor();
});

inChromium('what cannot be searched or written is said beside the question', async ({ tab, errors }) => {
  await tab.locator('#from').fill('600');
  await tab.locator('#to').fill('2');
  await tab.locator('#match').click();
  await tab.locator('#match-problem', { hasText: /^a span must lie within the text that is shown$/ }).waitFor();
  assert.is(await tab.locator('#problem').textContent(), '');
  await tab.locator('#from').fill('1');
  await tab.locator('#match').click();
  await tab.locator('#match-problem:empty').waitFor({ state: 'attached' });
  await tab.locator('#prompt').evaluate((input) => {
    input.removeAttribute('maxlength');
    Reflect.set(input, 'value', 'a'.repeat(501));
  });
  await tab.locator('#write').click();
  await tab.locator('#ask-problem', { hasText: /^prompt must be a text of at most 500 characters/ }).waitFor();
  assert.ok(errors.every((error) => error.startsWith('Failed to load resource')));
  errors.length = 0; // the browser's own, of the requests that were refused
});

inChromium('space pauses also after a button was clicked, and presses one that the keyboard is on', async (run) => {
  const { tab, controls } = run;
  let saves = 0;
  controls.checkpoint$.subscribe(() => (saves += 1));
  await tab.locator('#save').click();
  await until(() => saves === 1);
  await tab.keyboard.press('Space');
  await tab.locator('#pause', { hasText: 'Continue' }).waitFor();
  assert.is(saves, 1);
  await tab.locator('#save').focus();
  await tab.keyboard.press('Space');
  await until(() => saves === 2);
});

inChromium('what a run has not is not explained: held-out text, a recording, forecasts', async ({ tab, page }) => {
  await tab.locator('#loss .u-legend').waitFor();
  for (const id of ['held-about', 'recorded-about']) assert.ok(await tab.locator(`#${id}`).isHidden(), id);
  assert.not.match((await tab.locator('#loss .u-legend').textContent())!, /held out/);
  page
    .series('cost')(of({ value: 1 }, { value: 2 }))
    .subscribe();
  await tab.locator('#series-about', { hasText: /^The line is what came\.$/ }).waitFor();
  assert.not.match((await tab.locator('#series-charts .u-legend').textContent())!, /expected|low|alarm/);
  page
    .series('cost')(of({ value: 3, expected: 2, low: 1, high: 4, alarm: true, note: 'three' }))
    .subscribe();
  await tab
    .locator('#series-about', {
      hasText:
        /^The line is what came, the dashed one what was expected, the band where most of it should lie, a mark an alarm\.$/,
    })
    .waitFor();
  assert.match((await tab.locator('#series-charts .u-legend').textContent())!, /expected.*low.*high.*alarm/s);
  assert.is(await tab.locator('#series-charts .u-legend').count(), 1);
  await tab.locator('#series-charts li', { hasText: 'three' }).waitFor();
});

inChromium('a run that is recorded says so', async ({ tab }) => tab.locator('#recorded-about').waitFor(), {
  recorder: recorder({ clock: 'steps' }),
});

inChromium('a reload in the middle misses nothing', async ({ tab, page, steps }) => {
  await tab.reload();
  await tab.locator('#status', { hasText: 'Step' }).waitFor();
  await tab.locator('#pause').click();
  await until(async () => (await stepShown(tab)) === steps.length);
  const address = new URL(await page.url);
  const saved = await (await fetch(`${address.origin}/run.html`)).text();
  const { curves } = JSON.parse(/id="saved">(.*?)<\/script>/.exec(saved)![1]!) as { curves: { count: number[] } };
  assert.is(
    curves.count.reduce((sum, count) => sum + count, 0),
    steps.length,
  );
});

for (const colorScheme of ['light', 'dark'] as const) {
  inChromium(
    `axe-core finds no violation, and nothing is wider than a phone: ${colorScheme}`,
    async ({ tab, page, context }) => {
      page.attention({ inputs: ['a', 'b'], outputs: ['x'], weights: [[0.3, 0.7]] });
      await tab.emulateMedia({ colorScheme });
      await tab.setViewportSize({ width: 360, height: 740 });
      await tab.locator('#match').click();
      await tab.locator('#matches mark').first().waitFor();
      await tab.locator('#attention-table td').first().waitFor();
      await tab.locator('#pause').click();
      assert.is(await tab.locator('html').evaluate((root) => root.scrollWidth), 360);
      const session = await context.newCDPSession(tab); // past the policy of the page, which forbids other scripts
      await session.send('Runtime.evaluate', { expression: axe });
      const { result } = await session.send('Runtime.evaluate', {
        expression: `axe.run().then(({ violations }) => JSON.stringify(violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html, failureSummary }) => html.slice(0, 200) + failureSummary)])))`,
        awaitPromise: true,
        returnByValue: true,
      });
      assert.equal(JSON.parse(result.value as string), []);
    },
  );
}

test.run();
