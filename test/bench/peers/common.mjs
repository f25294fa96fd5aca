// Shared by the JavaScript peers: the task from the command line, packages of the folder PEERS_DIR, text and clock.
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

/** The workload's own settings, and seconds, threads, mode. */
export const TASK = JSON.parse(process.argv[2]);
export const require = createRequire(join(resolve(process.env.PEERS_DIR ?? '.'), 'peers.js'));

/** As makeText in ../workloads.ts. */
export function makeText(length, vocabulary) {
  let [seed, token] = [1, 0];
  return Int32Array.from({ length }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const draw = seed >>> 8;
    return (token = (draw % 8 === 0 ? draw >>> 3 : 5 * token + 3) % vocabulary);
  });
}

/** Draws an index with the given probabilities. */
export function choose(probabilities) {
  let rest = Math.random();
  let i = 0;
  while (i < probabilities.length - 1 && (rest -= probabilities[i]) > 0) i++;
  return i;
}

/** As stopwatch in ../timing.ts; `step` returns a loss, undefined, or a promise. */
export async function measure(peer, step, units = 1) {
  const limit = TASK.seconds * 1000;
  const now = () => performance.now();
  const warmStarted = now();
  const begun = step();
  const asynchronous = typeof begun?.then === 'function';
  const first = await begun;
  let calls = 1;
  while ((calls < 3 || now() - warmStarted < 0.3 * limit) && now() - warmStarted < 2 * limit) {
    if (asynchronous) await step();
    else step();
    calls++;
  }
  const chunk = Math.max(1, Math.floor(((calls / (now() - warmStarted)) * limit) / 15));
  const rates = [];
  let sum = 0;
  for (const started = now(); now() - started < limit || (rates.length < 5 && now() - started < 4 * limit);) {
    const lap = now();
    sum = 0;
    if (asynchronous) for (let i = 0; i < chunk; i++) sum += await step();
    else for (let i = 0; i < chunk; i++) sum += step();
    rates.push((1000 * chunk * units) / (now() - lap));
  }
  const rate = rates.toSorted((a, b) => a - b)[rates.length >> 1];
  const losses = first === undefined ? [null, null] : [first, sum / chunk];
  console.log(JSON.stringify({ peer, rate, lossFirst: losses[0], lossLast: losses[1] }));
}
