import { existsSync } from 'node:fs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Gives the path of Chromium, or that of the variable CHROMIUM; undefined, and a line that says so, where there is none. */
export function findChromium(): string | undefined {
  const found = process.env['CHROMIUM'] ?? PLACES.find((path) => existsSync(path));
  if (found === undefined) console.log(`SKIPPED Chromium: none of ${PLACES.join(', ')}, and CHROMIUM names none`);
  return found;
}
