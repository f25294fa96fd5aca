import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { chromiumPath, startChromium } from '../studio/chromium.js';
import { median } from './timing.js';

/** The command, from the sources and from the built package. */
const COMMANDS: Readonly<Record<'sources' | 'built', readonly string[]>> = {
  sources: [
    '--import',
    import.meta.resolve('tsx'),
    fileURLToPath(new URL('../../pipelines/studio.ts', import.meta.url)),
  ],
  built: [fileURLToPath(new URL('../../dist/command/rxrnn.js', import.meta.url)), 'studio'],
};

const LONGEST = 10_000; // milliseconds

/** Milliseconds of one run of the command. */
interface Times {
  /** From the command to the address. */
  readonly address: number;
  /** From the command to the first step that the page in Chromium shows; the browser itself is running. */
  readonly shown: number;
  /** From a slider that is moved to the first step of the new rate, as the run prints it. */
  readonly sliders: readonly number[];
}

/**
 * Starts the studio as a user does, from the sources or the built package, again and again, opens its page in Chromium,
 * moves the slider of the learning rate, and prints medians and the longest.
 */
export async function studioPage(rounds: number, from: 'sources' | 'built'): Promise<void> {
  if (chromiumPath === undefined) throw new Error('bench:studio: --page wants Chromium, and found none');
  const browser = await startChromium();
  try {
    const all: Times[] = [];
    for (let round = 0; round < rounds; round++) all.push(await oneRun(browser, COMMANDS[from]));
    const show = (what: string, list: readonly number[]): void =>
      console.log(`${what}: ${median(list).toFixed(0)} ms, at most ${Math.max(...list).toFixed(0)}`);
    show(
      'from the command to the address',
      all.map(({ address }) => address),
    );
    show(
      'from the command to the first step on the page',
      all.map(({ shown }) => shown),
    );
    show(
      'from the slider to the first step of its rate',
      all.flatMap(({ sliders }) => sliders),
    );
  } finally {
    await browser.close();
  }
}

async function oneRun(browser: Browser, command: readonly string[]): Promise<Times> {
  const folder = mkdtempSync(join(tmpdir(), 'rxrnn-studio-'));
  const started = performance.now();
  const args = [...command, '--json', '--out', join(folder, 'model.safetensors')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const context = await browser.newContext();
  try {
    const lines = createInterface(child.stdout);
    const [first] = (await once(lines, 'line')) as [string];
    const address = performance.now() - started;
    let wanted = NaN;
    let reached: (() => void) | undefined;
    lines.on('line', (line) => {
      const { learningRate } = JSON.parse(line) as { readonly learningRate?: number };
      if (learningRate === wanted) reached?.();
    });
    const tab = await context.newPage();
    await tab.goto((JSON.parse(first) as { readonly url: string }).url);
    await tab.locator('#status', { hasText: /^Step \d/ }).waitFor();
    const shown = performance.now() - started;
    const slider = tab.locator('#learning-rate');
    const sliders: number[] = [];
    for (let i = 0; i < 10; i++) {
      const exponent = -2 - (i % 3);
      wanted = Number(`1e${exponent}`);
      const arrived = new Promise<void>((resolve) => (reached = resolve));
      const moved = performance.now();
      await slider.fill(String(exponent));
      const late = setTimeout(LONGEST, true, { ref: false });
      if ((await Promise.race([arrived, late])) === true) {
        const problem = await tab.locator('#problem').textContent();
        throw new Error(
          `bench:studio: no step of rate ${wanted} came for ${LONGEST / 1000} s; the page says: ${problem}`,
        );
      }
      sliders.push(performance.now() - moved);
    }
    return { address, shown, sliders };
  } finally {
    await context.close();
    child.kill();
    await closed;
    rmSync(folder, { recursive: true, force: true });
  }
}
