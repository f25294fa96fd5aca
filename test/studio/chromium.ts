// Chromium for the tests of the page, and for its pictures; undefined where there is none.
import { existsSync } from 'node:fs';
import { type Browser, chromium as engine, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The path of Chromium, or of what the variable `CHROMIUM` names. */
export const chromiumPath: string | undefined = process.env['CHROMIUM'] ?? PLACES.find((path) => existsSync(path));

/** Starts Chromium without a network of its own. */
export function startChromium(): Promise<Browser> {
  return engine.launch({
    executablePath: chromiumPath!,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** The step in the line of a page that says how the run is. */
export async function stepShown(tab: Page): Promise<number> {
  const [, step = '0'] = /Step ([\d,]+)/.exec((await tab.locator('#status').textContent()) ?? '') ?? [];
  return Number(step.replaceAll(',', ''));
}
