import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ignoreElements, lastValueFrom, type Observable, tap } from 'rxjs';
import { bundledModelPath } from '../../pipelines/models/bundledModelPath.js';
import { scoreLines, scoreTokens } from '../../pipelines/surprise/scoreLines.js';
import { credit, loadModel, pull, surprisalByLine, unlimited, yielding } from '../../src/index.js';
import { seeded } from '../../src/random/seeded.js';

/** Megabytes by which what is in use, and what is resident, may grow over the second half. */
const MOST_GROWTH = { live: 2, rss: 64 };

/** Fewer keys are not judged: the places for keys and templates, 10,000 of each, still fill in the second half. */
const FEWEST = 200_000;

/** Keys that come in turn, where there are more lines than that. */
const KEYS = 1_000_000;

/**
 * What `surprise --learn --key` does, by templates and, as with `--model`, by characters, on as many short lines as runs,
 * each of another key until a million have come: memory is level after the first half. What is in use after a garbage
 * collection says whether keys leave anything behind; resident memory also tells of what V8 does not know, but moves with
 * its garbage collector.
 */
export async function keys(runs: number, seed: number): Promise<Readonly<Record<string, number>>> {
  const { model, vocabulary } = loadModel(bundledModelPath('names'));
  const score = scoreTokens(model, { keyed: true, learningRate: 0.001, previous: vocabulary!.token('\n')! });
  const inFlight = credit({ high: 64, low: 32 });
  const keyOf = (line: string): string => line;
  const byTemplate$ = pull(texts(runs, seed), yielding(unlimited)).pipe(surprisalByLine({ keyOf }));
  const byCharacter$ = pull(texts(runs, seed), yielding(inFlight)).pipe(
    scoreLines({ symbols: vocabulary!, keyOf, score, inFlight }),
  );
  return { ...(await level('templates', byTemplate$, runs)), ...(await level('characters', byCharacter$, runs)) };
}

/** Counts what comes, and throws where memory grows in the second half. */
async function level(
  name: string,
  scored$: Observable<unknown>,
  runs: number,
): Promise<Readonly<Record<string, number>>> {
  const marks: { readonly live: number; readonly rss: number }[] = [];
  let lines = 0;
  const started = performance.now();
  const counted$ = scored$.pipe(
    tap(() => {
      lines += 1;
      if (lines % Math.ceil(runs / 20) === 0) marks.push(megabytes());
    }),
    ignoreElements(),
  );
  await lastValueFrom(counted$, { defaultValue: undefined });
  const half = marks.slice(marks.length / 2);
  const figures = {
    [`${name}: lines`]: lines,
    [`${name}: keys`]: Math.min(lines, KEYS),
    [`${name}: lines per s`]: Math.round((1000 * lines) / (performance.now() - started)),
    [`${name}: MB in use at half`]: round(half[0]!.live),
    [`${name}: MB in use at end`]: round(half.at(-1)!.live),
    [`${name}: MB resident at half`]: round(half[0]!.rss),
    [`${name}: MB resident at end`]: round(half.at(-1)!.rss),
  };
  if (lines < FEWEST) return figures;
  for (const what of ['live', 'rss'] as const) {
    const growth = Math.max(...half.map((mark) => mark[what])) - half[0]![what];
    if (growth <= MOST_GROWTH[what]) continue;
    throw new Error(`memory grew by ${growth.toFixed(1)} MB (${what}): ${JSON.stringify(figures)}`);
  }
  return figures;
}

/** Short lines, each of another key until a million have come. */
function* texts(runs: number, seed: number): Generator<string> {
  const random = seeded(`keys ${seed}`);
  for (let i = 0; i < runs; i++) {
    let key = '';
    for (let rest = i % KEYS; key.length < 6; rest = Math.floor(rest / 26))
      key += String.fromCharCode(97 + (rest % 26));
    yield random.integer(10) === 0 ? `${key}x` : key;
  }
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is in use and what is resident, after a garbage collection. */
function megabytes(): { readonly live: number; readonly rss: number } {
  collect();
  const { heapUsed, external, rss } = process.memoryUsage(); // `external` contains array buffers
  return { live: (heapUsed + external) / 1e6, rss: rss / 1e6 };
}

function round(megabytes: number): number {
  return Math.round(10 * megabytes) / 10;
}
