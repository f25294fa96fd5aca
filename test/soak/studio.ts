// A page that is sent 1,000 steps per second for a minute: heaps of the tab and of this process after garbage collection,
// every ten seconds: `npm run soak:studio [-- --seconds N]`. It fails where either grew by more than 2 MB after the first.
import { parseArgs } from 'node:util';
import { interval, mergeMap, range, map } from 'rxjs';
import { studio } from '../../src/studio.js';
import { chromiumPath, startChromium } from '../studio/chromium.js';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
/** Bytes that a heap may grow by, after the first look. */
const MOST = 2_000_000;

if (!chromiumPath) throw new Error('soak:studio: there is no Chromium');
const page = studio({ title: 'soak', onUrl: () => undefined });
let step = 0;
const running = interval(20)
  .pipe(
    mergeMap(() => range(20)),
    map(() => ({ step: ++step, tokens: 10 * step, loss: 1 + 1 / step, gradientNorm: 1, learningRate: 0.1 })),
    page.lane('steps'),
    page,
  )
  .subscribe();
const browser = await startChromium();
const tab = await browser.newPage();
await tab.goto(await page.url);
const session = await tab.context().newCDPSession(tab);
const heaps: [tab: number, process: number][] = [];
for (let time = 0; time < Number(values.seconds); time += 10) {
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  globalThis.gc?.();
  heaps.push([usedSize, process.memoryUsage().heapUsed]);
  const [inTab, here] = heaps.at(-1)!.map((bytes) => (bytes / 1e6).toFixed(2));
  console.log(`${step} steps: ${inTab} MB in the tab, ${here} MB in this process`);
}
const shown = await tab.locator('#status').textContent();
console.log(shown);
running.unsubscribe();
await browser.close();
await page.close();
const grew = [0, 1].map((i) => heaps.at(-1)![i]! - heaps[0]![i]!);
if (grew.some((bytes) => bytes > MOST)) throw new Error(`a heap grew by ${Math.max(...grew)} bytes`);
