// A run in the process of a test, with its page: what the tests of the studio look at and steer.
import { interval, lastValueFrom, map, type Observable, repeat, take, tap } from 'rxjs';
import {
  adam,
  type Demand,
  linear,
  lstm,
  type Model,
  pull,
  requested,
  seeded,
  sequential,
  train,
  type TrainingStep,
  unlimited,
  type Vocabulary,
  vocabularyOf,
  type Window,
  windows,
  yielding,
} from '../../src/index.js';
import {
  steering,
  type Steering,
  type SteeringOptions,
  studio,
  type Studio,
  type StudioOptions,
} from '../../src/studio.js';

export const TEXT: string = 'the cat sat on the mat and the rat sat on the cat\n'.repeat(8);
export const symbols: Vocabulary = vocabularyOf([...new Set(TEXT)].toSorted());
const tokens = Int32Array.from(TEXT, (symbol) => symbols.token(symbol)!);

/** A small LSTM of characters. */
export function smallModel(hiddenSize = 12): Model {
  const { size } = symbols;
  return sequential(
    { lstm: lstm({ inputSize: size, hiddenSize }), linear: linear({ inputSize: hiddenSize, outputSize: size }) },
    { random: seeded(3) },
  );
}

/** A run, its controls and its page. */
export interface WatchedRun {
  readonly model: Model;
  readonly controls: Steering;
  readonly page: Studio;
  /** Windows without end, pulled as the controls allow. */
  readonly windows$: Observable<Window>;
  /** The steps, through the page. */
  readonly step$: Observable<TrainingStep>;
}

/** Makes a run that is shown: it makes a step every few milliseconds, and as many as it can where it is `fast`. */
export function watchedRun(
  { fast = false, ...given }: Partial<SteeringOptions> & { readonly fast?: boolean } = {},
  more: StudioOptions = {},
): WatchedRun {
  const model = smallModel();
  const controls = steering({ learningRate: 0.01, ...given });
  const page = studio({
    title: 'a test',
    model,
    vocabulary: symbols,
    text: TEXT.slice(0, 200),
    steering: controls,
    onUrl: () => undefined,
    ...more,
  });
  const windows$ = pull(tokens, controls.demand(fast ? yielding(unlimited, 4) : paced())).pipe(
    repeat(),
    page.lane('tokens'),
    windows({ steps: 10 }),
    page.lane('windows'),
  );
  const step$ = windows$.pipe(
    train(model, { optimizer: adam({ learningRate: controls.learningRate$ }) }),
    controls.follow(),
    page,
  );
  return { model, controls, page, windows$, step$ };
}

/** Ten tokens, and so a step, every 5 milliseconds: a test has little to compute. */
function paced(): Demand {
  return requested(interval(5).pipe(map(() => 10)));
}

/** The losses of so many steps. */
export async function lossesOf(step$: Observable<TrainingStep>, count: number): Promise<number[]> {
  const losses: number[] = [];
  await lastValueFrom(
    step$.pipe(
      take(count),
      tap(({ loss }) => losses.push(loss)),
    ),
  );
  return losses;
}
