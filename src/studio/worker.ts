// The studio in one tab: the run is in this worker, and the page beside it is the one that a server sends. It learns the
// lines of a text, `lines.txt` beside it or one that the person gives, as studio.ts does.
import { catchError, EMPTY, type Observable, repeat, Subject, switchMap } from 'rxjs';
import { reasonOf } from '../check/reasonOf.js';
import { bookmark, type Place } from '../flow/bookmark.js';
import { unlimited } from '../flow/demand.js';
import { pull } from '../flow/pull.js';
import { yielding } from '../flow/yielding.js';
import { linear } from '../layer/linear.js';
import { lstm } from '../layer/lstm.js';
import { adam } from '../learn/adam.js';
import { trainer } from '../learn/trainer.js';
import type { TrainingState } from '../learn/trainingState.js';
import { validate } from '../learn/validate.js';
import { sequential } from '../model/sequential.js';
import { seeded } from '../random/seeded.js';
import { lanes } from '../token/lanes.js';
import { vocabularyOf } from '../token/vocabularyOf.js';
import { windows } from '../token/windows.js';
import type { TrainingStep } from '../types.js';
import { desk, type Desk } from './desk.js';
import { steering } from './steering.js';

/** The scope of a worker, of which the library for pages has no type. */
const scope = globalThis as unknown as {
  postMessage(message: unknown, transfer: readonly []): void;
  addEventListener(type: 'message', take: (event: { readonly data: unknown }) => void): void;
};

const [HIDDEN, LANES, WINDOW, RATE, SEED] = [64, 8, 25, 0.005, '0'];
/** Checkpoints that are kept, in memory. */
const KEPT = 20;
/** The shortest text, which fills a window; the longest; and the share of it that is held out. */
const [FEWEST, LONGEST, HELD_OUT] = [30, 1_000_000, 0.1];
/** Steps between validations, tokens of the held-out text that one reads, and of its windows. */
const [VALIDATE_EVERY, HELD_MOST, HELD_STEPS] = [100, 4000, 100];

let shown: Desk | undefined;
let taken = true; // the page has drawn what was sent last
const text$ = new Subject<string>();
let runs = 0;

/** A run on the lines of a text, with a desk of its own. */
function learn(text: string): Observable<TrainingStep> {
  const lines = linesOf(text);
  const order = seeded(`${SEED} order`).permutation(lines.length);
  const whole = Array.from(order, (i) => `${lines[i]}\n`).join('');
  const symbols = vocabularyOf([...new Set(whole)].toSorted());
  const tokens = Int32Array.from(whole, (symbol) => symbols.token(symbol)!);
  const cut = Math.floor(tokens.length * (1 - HELD_OUT));
  const learned = tokens.subarray(0, cut);
  const heldOut = tokens.subarray(cut, cut + HELD_MOST);
  const count = Math.max(1, Math.min(LANES, Math.floor(cut / (2 * WINDOW))));
  const { size } = symbols;
  const model = sequential(
    { lstm: lstm({ inputSize: size, hiddenSize: HIDDEN }), linear: linear({ inputSize: HIDDEN, outputSize: size }) },
    { random: seeded(SEED) },
  );
  const controls = steering({ learningRate: RATE });
  const optimizer = adam({ learningRate: controls.learningRate$ });
  const saved = new Map<string, { readonly state: TrainingState; readonly place: Place }>();
  shown?.close();
  const now = (shown = desk(`tab ${++runs}`, {
    title: `lstm of ${HIDDEN} units, ${lines.length} lines, in this tab`,
    model,
    vocabulary: symbols,
    text: heldOut,
    steering: controls,
  }));
  now.attach({
    ready: () => taken,
    send(topic, data) {
      taken = false;
      scope.postMessage([topic, JSON.parse(data)], []);
    },
  });
  let save = (): void => undefined;
  controls.checkpoint$.subscribe(() => save());
  return controls.reset$.pipe(
    switchMap((name) => {
      const start = name === undefined ? undefined : saved.get(name);
      const training = trainer(model, { optimizer, resumeFrom: start?.state });
      const mark = bookmark(start?.place);
      save = () => {
        const state = training.state();
        const name = `step ${state.step}`;
        saved.set(name, { state, place: mark.place() });
        controls.saved(name);
        now.sampleNow();
        const [oldest] = saved.keys();
        if (saved.size <= KEPT || oldest === undefined) return;
        saved.delete(oldest);
        controls.forget(oldest);
      };
      return pull(lanes(learned, count, { bookmark: mark }), controls.demand(yielding(unlimited))).pipe(
        repeat(),
        now.lane('tokens'),
        windows({ steps: WINDOW, lanes: count, bookmark: mark }),
        now.lane('windows'),
        training.learn,
        now.lane('learn'),
      );
    }),
    validate(model, () => pull(lanes(heldOut, 1)).pipe(windows({ steps: HELD_STEPS })), { every: VALIDATE_EVERY }),
    controls.follow(),
    now.watch<TrainingStep>(),
  );
}

text$
  .pipe(
    switchMap((text) =>
      learn(text).pipe(
        catchError((error: unknown) => {
          shown?.end(`The run has failed: ${reasonOf(error)}`);
          return EMPTY; // the person may give another text
        }),
      ),
    ),
  )
  .subscribe();

/** Learns a text, unless it is too short to be learned. */
function give(text: string): void {
  const { length } = linesOf(text).join('\n');
  if (length < FEWEST) throw new RangeError(`the text must have at least ${FEWEST} characters, got ${length}`);
  text$.next(text);
}

function linesOf(text: string): string[] {
  return text
    .slice(0, LONGEST)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

scope.addEventListener('message', ({ data }) => {
  if (data === 'taken') taken = true;
  else {
    let problem: string | undefined;
    try {
      if (typeof data === 'object' && data !== null && 'text' in data) give(String(data.text));
      else shown?.receive(data);
    } catch (error) {
      problem = reasonOf(error);
    }
    scope.postMessage(['answered', problem], []);
    taken = true;
    shown?.board.flush();
  }
});
fetch('lines.txt')
  .then((response) => (response.ok ? response.text() : ''))
  .then((text) => (text.trim() === '' ? undefined : give(text)))
  .catch((error: unknown) => scope.postMessage(['problem', reasonOf(error)], [])); // the person may give a text
