// Checks that memory stays flat on an endless stream: `npm run soak [-- --minutes 10] [--learn] [--json]`.
// Exit status 1 if the resident memory grew by more than 1 MB per minute, the heap by more than 2 %, or if more handles
// are open at the end than after the start. The script runs with a young generation of fixed size: V8 would grow and
// shrink it by tens of MB, which is more than the growth to detect.
import { ignoreElements, lastValueFrom, map, merge, takeWhile, tap, timer, toArray } from 'rxjs';
import { command, UsageError } from '../../pipelines/cli/command.js';
import {
  adam,
  yielding,
  encode,
  linear,
  lstm,
  predictThenLearn,
  pull,
  seeded,
  sequential,
  surprisal,
  unlimited,
  vocabularyOf,
} from '../../src/index.js';
import { slope } from './slope.js';

const MB = 1e6;
/** Limits: MB per minute, and the share by which the heap may grow. */
const STEEPEST = 1;
const HEAP = 0.02;
const HIDDEN = 32;

const symbols = vocabularyOf([...'abcdefghijklmnopqrstuvwxyz \n']);

interface Mark {
  readonly minutes: number;
  readonly rss: number;
  readonly heap: number;
  readonly handles: number;
}

await command(import.meta.url, {
  about: 'Scores an endless stream of characters, or learns from it, and measures the memory.',
  options: {
    minutes: {
      kind: 'number',
      initial: 10,
      help: 'length of the run; the first two minutes, or a fifth of a shorter run, are not counted',
    },
    every: { kind: 'number', initial: 10, help: 'seconds between lines' },
    learn: { kind: 'flag', help: 'learn from each window of 25 characters' },
    seed: { kind: 'seed', initial: 0, help: 'seed of the text and the weights' },
    json: { kind: 'flag', help: 'JSON lines' },
  },
  async run({ minutes, every, learn, seed, json }) {
    const collect = globalThis.gc;
    if (!collect) throw new UsageError('needs node --expose-gc');
    const settled = Math.min(2, minutes / 5);
    let characters = 0;
    const random = seeded(`weights ${seed}`);
    const model = sequential(
      {
        lstm: lstm({ inputSize: symbols.size, hiddenSize: HIDDEN }),
        linear: linear({ inputSize: HIDDEN, outputSize: symbols.size }),
      },
      { random },
    );
    const read = learn ? predictThenLearn(model, { optimizer: adam() }) : surprisal(model);
    const started = performance.now();

    const reading$ = pull(endlessText(seed), yielding(unlimited)).pipe(
      encode(symbols),
      read,
      tap(() => characters++),
      ignoreElements(),
    );
    const marks$ = timer(1000 * every, 1000 * every).pipe(map(mark));
    const marks = await lastValueFrom(
      merge(marks$, reading$).pipe(
        takeWhile((mark) => mark.minutes < minutes, true),
        toArray(),
      ),
    );

    const [first, ...rest] = marks.filter((mark) => mark.minutes >= settled);
    const last = rest.at(-1);
    if (first === undefined || last === undefined) {
      throw new UsageError(`--every ${every} leaves no two lines behind the first ${settled} of ${minutes} minutes`);
    }
    const growth = slope([first, ...rest].map(({ minutes, rss }) => [minutes, rss / MB]));
    const heap = last.heap / first.heap - 1;
    const handles = last.handles - first.handles;
    const passed = growth <= STEEPEST && heap <= HEAP && handles <= 0;
    if (json) console.log(JSON.stringify({ characters, mb_per_minute: growth, heap_growth: heap, handles, passed }));
    else {
      console.log(
        `${characters} characters ${learn ? 'learned' : 'scored'}; from minute ${settled}: resident memory ` +
          `${growth.toFixed(3)} MB per minute, heap ${(100 * heap).toFixed(2)} %, ${handles} handles more: ` +
          (passed ? 'flat' : 'not flat'),
      );
    }
    if (!passed) process.exitCode = 1;

    function mark(): Mark {
      const { rss } = process.memoryUsage();
      collect!(); // after reading rss, which is that of a run at full speed
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      const minutes = (performance.now() - started) / 60_000;
      const handles = process.getActiveResourcesInfo().length;
      const mark = { minutes, rss, heap: heapUsed + arrayBuffers, handles };
      if (json) console.log(JSON.stringify({ ...mark, characters }));
      else {
        console.log(
          `${minutes.toFixed(2).padStart(7)} min  rss ${(rss / MB).toFixed(1)} MB  heap ${(mark.heap / MB).toFixed(2)} MB  ` +
            `${handles} handles  ${characters} characters`,
        );
      }
      return mark;
    }
  },
});

/** Makes lines of words of two to nine letters on demand. */
function* endlessText(seed: number): Generator<string> {
  const random = seeded(`text ${seed}`);
  for (let words = 1; ; words++) {
    for (let letters = 2 + random.integer(8); letters > 0; letters--) yield symbols.symbols[random.integer(26)]!;
    yield words % 8 === 0 ? '\n' : ' ';
  }
}
