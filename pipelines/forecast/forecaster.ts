import {
  concatMap,
  defer,
  endWith,
  finalize,
  from,
  identity,
  ignoreElements,
  lastValueFrom,
  map,
  type MonoTypeOperatorFunction,
  NEVER,
  type Observable,
  of,
  repeat,
  takeUntil,
  takeWhile,
  tap,
} from 'rxjs';
import {
  adam,
  autoregression,
  gru,
  leastSquares,
  linear,
  type LinearMap,
  loadStateDict,
  type Model,
  pull,
  seeded,
  seriesWindows,
  sequential,
  squaredError,
  stateDict,
  train,
  unlimited,
  yielding,
} from '../../src/index.js';
import { type Errors, errorsOf, type Part } from './errors.js';

/** What is to be forecast, and how long to learn. */
export interface ForecasterOptions {
  /** Scaled rows of the part to learn from and of the part to choose by, one after the other. */
  readonly learned: Part;
  readonly chosen: Part;
  readonly context: number;
  readonly hidden: number;
  readonly learningRate: number;
  readonly seconds: number;
  readonly seed: number;
  /** Ends the fitting of the linear map, and then the learning, with the best so far; it must emit to late subscribers. */
  readonly stop$?: Observable<unknown>;
  /** Looks at each linear map that was tried. */
  readonly watch?: MonoTypeOperatorFunction<FitStep>;
}

/** Where the fitting of the linear map is. */
export interface FitStep {
  /** Maps that were tried, of how many. */
  readonly tried: number;
  readonly of: number;
  /** The mean squared error of the best of them on the rows to choose by. */
  readonly validation: number;
}

/** Where the learning is. */
export interface ForecasterStep {
  readonly epoch: number;
  /** Mean squared error of the rows that are learned, in this epoch; null where none was. */
  readonly loss: number | null;
  /** That of the forecasts of the rows to choose by. */
  readonly validation: number;
}

/** A model of a linear map and a network beside it, the best so far. */
export interface Forecaster {
  readonly model: Model;
  /** The errors of the linear map alone on the rows to choose by, and what it was fitted with. */
  readonly linear: Errors;
  readonly fit: string;
  /** Learns until the time is over or nothing gets better, leaves the best weights in the model, and reports each epoch. */
  readonly learn$: Observable<ForecasterStep>;
}

const STEPS = 32;
/** Epochs without a better validation after which it ends. */
const PATIENCE = 6;
/** Penalties of the linear map that are tried: of far weights, and of columns' differences. */
const RIDGES = [300, 3000, 10000];
const SHRINKS = [0, 3000, Infinity];

/**
 * Fits the linear map of the last rows, with the penalties and the reach that predict the rows to choose by best, and makes
 * a model of it and a recurrent network beside it, whose last layer is 0 at first: it begins as the linear map. What the
 * network learns is kept only where it helps in every quarter of the rows to choose by: what helps in some of them alone is
 * taken for chance, or for a season that will not stay. An Error where it is ended before a map was fitted.
 */
export async function forecaster(options: ForecasterOptions): Promise<Forecaster> {
  const { learned, chosen, context, hidden, seed, stop$ = NEVER, watch = identity } = options;
  const { rows, to, horizon } = learned;
  const columns = rows[0]!.length;
  const trials = [...new Set([Math.min(context, 96), context])].flatMap((steps) =>
    RIDGES.flatMap((ridge) => SHRINKS.map((shrink) => ({ steps, ridge, shrink }))),
  );
  let best: FittedMap | undefined;
  const [fitting, scoring] = [yielding(unlimited), yielding(unlimited)];
  const fitted$ = from(trials).pipe(
    concatMap((trial) =>
      pull(rows.slice(0, to), fitting).pipe(
        leastSquares({ ...trial, horizon }),
        concatMap((map) => scoredMap(map, trial)),
      ),
    ),
    map((one, i): FitStep => {
      const isBetter = !best || one.errors.mse < best.errors.mse;
      if (isBetter) best?.model.dispose();
      else one.model.dispose();
      if (isBetter) best = one;
      return { tried: i + 1, of: trials.length, validation: best!.errors.mse };
    }),
    watch,
    takeUntil(stop$),
  );
  await lastValueFrom(fitted$, { defaultValue: undefined });
  if (!best) throw new Error('ended before the first linear map was fitted: nothing was learned');
  const { errors, model: linearMap, trial } = best;
  const { steps } = trial;
  const model = sequential(
    {
      gru: gru({ inputSize: columns, hiddenSize: hidden }),
      linear: linear({ inputSize: hidden, outputSize: columns * horizon }),
    },
    {
      skip: autoregression({ inputSize: columns, steps, horizon }),
      frozen: ['skip.weight', 'skip.bias'],
      random: seeded(seed),
    },
  );
  const weights = new Map(stateDict(model));
  for (const name of ['weight', 'bias']) {
    weights.set(`skip.${name}`, stateDict(linearMap).get(`map.${name}`)!);
    const { shape, data } = weights.get(`linear.${name}`)!;
    weights.set(`linear.${name}`, { shape, data: data.map(() => 0) });
  }
  linearMap.dispose();
  loadStateDict(model, weights);
  const fit = `${steps} rows back, ridge ${trial.ridge}, shrink ${trial.shrink}`;
  return { model, linear: errors, fit, learn$: learn(model, options, steps, errors).pipe(takeUntil(stop$)) };

  async function scoredMap({ weight, bias }: LinearMap, trial: Trial): Promise<FittedMap> {
    const { steps } = trial;
    const model = sequential(
      { map: autoregression({ inputSize: columns, steps, horizon }) },
      { stateDict: new Map([['map.weight', weight], ['map.bias', bias]]) }, // prettier-ignore
    );
    return { trial, model, errors: await errorsOf(model, { ...chosen, context: steps }, scoring) };
  }
}

/** What a linear map is fitted with. */
interface Trial {
  readonly steps: number;
  readonly ridge: number;
  readonly shrink: number;
}

/** A linear map, and how well it predicts the rows to choose by. */
interface FittedMap {
  readonly trial: Trial;
  readonly model: Model;
  readonly errors: Errors;
}

function learn(
  model: Model,
  { learned, chosen, context, learningRate, seconds }: ForecasterOptions,
  reach: number,
  linear: Errors,
): Observable<ForecasterStep> {
  const { rows, to, horizon } = learned;
  return defer(() => {
    const started = performance.now();
    let best = { validation: linear.mse, weights: stateDict(model), epoch: 0 };
    // The first rows have no past to be predicted from. The window in which that ends is passed over, too, but in a short
    // series, of which too little would be left.
    const passedOver = Math.ceil(reach / STEPS);
    const first = passedOver < Math.ceil((to - horizon) / STEPS) / 2 ? passedOver * STEPS : reach - 1;
    const countedFrom = (start: number, steps: number): Uint8Array =>
      Uint8Array.from({ length: steps }, (_, t) => Number(start + t >= first));
    const over = (): boolean => performance.now() - started > seconds * 1000;
    const optimizer = adam({ learningRate });
    const [learning, scoring] = [yielding(unlimited), yielding(unlimited)]; // of all epochs: each alone may be short
    const epoch$ = (): Observable<number | null> => {
      let [sum, counted] = [0, 0];
      return pull(rows.slice(0, to), learning).pipe(
        seriesWindows({ steps: STEPS, horizon }),
        map((window, i) =>
          i * STEPS < first ? { ...window, targetMask: countedFrom(i * STEPS, window.steps) } : window,
        ),
        takeWhile(() => counted === 0 || !over()), // an epoch learns something, however late it begins
        train(model, { optimizer, loss: squaredError() }),
        tap(({ loss, tokens }) => {
          sum += loss * (tokens - counted);
          counted = tokens;
        }),
        ignoreElements(),
        endWith(undefined),
        map(() => (counted > 0 ? sum / counted : null)),
      );
    };
    let epoch = 0;
    return of(undefined).pipe(
      concatMap(epoch$),
      concatMap((loss) =>
        from(errorsOf(model, { ...chosen, context: Math.max(context, reach) }, scoring)).pipe(
          map(({ mse, quarters }) => ({ epoch: ++epoch, loss, validation: mse, quarters })),
        ),
      ),
      tap(({ validation, quarters }) => {
        const everywhere = quarters.every((square, i) => square <= linear.quarters[i]!);
        if (everywhere && validation < best.validation) best = { validation, weights: stateDict(model), epoch };
      }),
      map(({ quarters: _quarters, ...step }) => step),
      repeat(),
      takeWhile(() => !over() && epoch - best.epoch < PATIENCE, true),
      finalize(() => loadStateDict(model, best.weights)),
    );
  });
}
