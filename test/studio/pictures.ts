// Pictures of the page, in light and dark, as in README.md: `npm run studio:pictures [-- FOLDER]`.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { chromiumPath, startChromium } from './chromium.js';
import { palettePng } from './palettePng.js';

const [folder = '.github'] = process.argv.slice(2);
/** The most bytes of a picture. */
const LARGEST = 80_000;
/** Steps of the run that is shown. */
const STEPS = 1200;

if (!chromiumPath) throw new Error('studio:pictures: there is no Chromium');
const project = fileURLToPath(new URL('../..', import.meta.url));
const place = mkdtempSync(join(tmpdir(), 'rxrnn-pictures-'));
const run = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), join(project, 'pipelines/studio.ts')], {
  cwd: place,
  stdio: ['ignore', 'pipe', 'inherit'],
});
const url = await new Promise<string>((found) => {
  run.stdout.setEncoding('utf8').once('data', (text: string) => found(text.split('\n')[0]!));
});
const browser = await startChromium();
try {
  const blank = await browser.newPage();
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on('pageerror', (error) => console.error(`the page: ${error.message}`));
  await page.goto(url);
  while ((await stepOf(page)) < STEPS) await page.waitForTimeout(200);
  await page.locator('#unit').selectOption({ index: 7 });
  await page.locator('#match').click();
  await page.locator('#colour').selectOption('bits');
  await page.locator('#pause').click();
  await page.waitForTimeout(1500);
  for (const [name, colorScheme, width, height, top] of [
    ['studio-light', 'light', 1280, 900, 0],
    ['studio-dark', 'dark', 1280, 900, 1],
    ['studio-narrow', 'light', 360, 760, 0],
    ['studio-whole', 'light', 1280, 900, 0],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    await page.locator(top > 0 ? '#reading' : 'header').evaluate((element) => element.scrollIntoView());
    await page.waitForTimeout(400);
    const path = resolve(project, folder, `${name}.png`);
    const extra = name === 'studio-narrow' || name === 'studio-whole'; // to be looked at only
    if (extra && folder === '.github') continue;
    const picture = await palettePng(blank, await page.screenshot({ fullPage: extra }));
    writeFileSync(path, picture);
    console.log(`${path}: ${picture.length} bytes`);
    if (picture.length > LARGEST && !extra) throw new Error(`${path} has more than ${LARGEST} bytes`);
  }
} finally {
  await browser.close();
  run.kill('SIGINT');
  await new Promise((ended) => run.once('exit', ended));
  rmSync(place, { recursive: true, force: true });
}

/** The step that the page shows. */
async function stepOf(page: Page): Promise<number> {
  const [, step = '0'] = /Step ([\d,]+)/.exec((await page.locator('#status').textContent()) ?? '') ?? [];
  return Number(step.replaceAll(',', ''));
}
