import { BehaviorSubject, type MonoTypeOperatorFunction, Observable, Subject } from 'rxjs';
import { finite } from '../check/finite.js';
import { flag } from '../check/flag.js';
import { checkRecord } from '../check/checkRecord.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { show } from '../check/show.js';
import { string } from '../check/string.js';
import { type Demand, type Puller, unlimited } from '../flow/demand.js';
import { checkDemand } from '../flow/checkDemand.js';
import { operator } from '../flow/operator.js';
import { checkRecording } from '../record/checkRecording.js';
import type { Recorder } from '../record/recorder.js';
import type { Recording } from '../record/recording.js';
import { checkAction } from './checkAction.js';
import type { Action, ControlsState } from './messages.js';

/** Where the controls of a run begin, and what their use is recorded in. */
export interface SteeringOptions {
  /** The learning rate before anybody changes it. */
  readonly learningRate: number;
  /** The temperature of samples and answers, from 0 to 100; 0.8 by default. */
  readonly temperature?: number | undefined;
  /** The share of probability that samples and answers draw from, in (0, 1]; 1 by default. */
  readonly topP?: number | undefined;
  /** Whether the run waits before its first step; `false` by default. */
  readonly paused?: boolean | undefined;
  /** The recorder of the run, in which each action is marked; by default none is recorded. */
  readonly recorder?: Pick<Recorder, 'mark'> | undefined;
  /** The title of the track of actions; `controls` by default. */
  readonly title?: string | undefined;
  /**
   * A recorded run: its actions are done again, each after the same step. Those of the page that would change the
   * numbers are refused. By default nothing is replayed.
   */
  readonly replay?: Recording | undefined;
}

/** The controls of a run, as observables for its pipeline. */
export interface Steering {
  /** The learning rate, at once and whenever it is changed: for `adam({ learningRate: controls.learningRate$ })`. */
  readonly learningRate$: Observable<number>;
  /** The temperature of samples, at once and whenever it is changed. */
  readonly temperature$: Observable<number>;
  /** The nucleus of samples, at once and whenever it is changed. */
  readonly topP$: Observable<number>;
  /** Emits when a checkpoint is wanted, always between two steps: save, and say so by `saved`. */
  readonly checkpoint$: Observable<void>;
  /**
   * Where the run is to begin: undefined at once, for its start, and then the name of each saved checkpoint that is chosen,
   * always between two steps. `reset$.pipe(switchMap((name) => …))` is a run that can go back.
   */
  readonly reset$: Observable<string | undefined>;
  /** The values of the controls, at once and at each change. */
  readonly state$: Observable<ControlsState>;
  /** A demand that waits while the run is paused: for the source. It asks `inner`, which is `unlimited` by default. */
  demand(inner?: Demand): Demand;
  /** Passes steps on, counts them, and lets actions happen between two of them: put it right after the recorder. */
  follow<T>(): MonoTypeOperatorFunction<T>;
  /** Does what the page does, at once or after the step that is being made. */
  act(action: Action): void;
  /** Adds a checkpoint to those that `reset` may name; the oldest beyond 100 are forgotten. */
  saved(name: string): void;
  /** Takes the name of a checkpoint off again, such as that of a file that was removed. */
  forget(name: string): void;
}

/** How many checkpoints can be named. */
const MOST_SAVED = 100;

/**
 * Makes the controls of a run: learning rate, temperature, top-p, pause, one step, checkpoint and reset, each an
 * observable in the pipeline. With a recorder each action is part of the recording, at the step after which it was done,
 * and a run with the same start that replays it has the same bits.
 *
 * ```
 * controls.learningRate$       a-------b---------      a slider was moved
 * steps$, controls.follow      --s1--s2--s3--s4--      s3 is the first with the rate b
 * the track "controls"         --------b---------      after step 2
 * ```
 *
 * ```ts
 * import { adam, linear, pull, rnn, sequential, train, windows } from 'rxrnn';
 * import { recorder } from 'rxrnn/recording';
 * import { steering } from 'rxrnn/studio';
 *
 * const run = recorder({ clock: 'steps' });
 * const controls = steering({ learningRate: 0.1, recorder: run });
 * const model = sequential({
 *   rnn: rnn({ inputSize: 3, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 3 }),
 * });
 * pull([0, 1, 2, 0, 1, 2, 0], controls.demand())
 *   .pipe(
 *     windows({ steps: 2 }),
 *     train(model, { optimizer: adam({ learningRate: controls.learningRate$ }) }),
 *     run.record('steps'),
 *     controls.follow(),
 *   )
 *   .subscribe(({ step, learningRate }) => {
 *     console.log(step, learningRate);
 *     if (step === 2) controls.act({ name: 'learningRate', value: 0.01 });
 *   });
 * // -> 1 0.1
 * // -> 2 0.1
 * // -> 3 0.01
 * ```
 *
 * An action that is not one is a TypeError or RangeError of `act`, as is one of a replayed run. While a run is paused its
 * source is not pulled; it keeps no event loop alive.
 */
export function steering(given: SteeringOptions): Steering {
  given = options('steering', given, {
    learningRate: finite(0),
    temperature: optional((who, option, value) => checkAction(who, option, { name: 'temperature', value })),
    topP: optional((who, option, value) => checkAction(who, option, { name: 'topP', value })),
    paused: optional(flag),
    recorder: optional(checkRecord),
    title: optional(string),
    replay: optional(checkRecording),
  });
  const { learningRate, temperature = 0.8, topP = 1, paused = false, recorder, title = 'controls', replay } = given;
  const rates = {
    learningRate: new BehaviorSubject(learningRate),
    temperature: new BehaviorSubject(temperature),
    topP: new BehaviorSubject(topP),
  };
  const checkpoint$ = new Subject<void>();
  const reset$ = new Subject<string>();
  const recorded = replay ? actionsOf(replay, title) : undefined;
  const waiting: Action[] = []; // until the step that is being made is done
  let names: readonly string[] = [];
  const stepOf = new Map<string, number>(); // of each name
  let latest = 0; // the step of the latest item
  let back: string | undefined; // the checkpoint that the run has gone back to, until it makes a step
  let held = paused; // the person has paused the run
  let open = !paused; // the source may be pulled
  let busy = false; // actions are being done
  let left = 0; // steps that a paused run may still make
  let ticks = 0;
  let next = 0; // of `recorded`
  let puller: Puller | undefined;
  const state$ = new BehaviorSubject(stateNow());

  function stateNow(): ControlsState {
    return {
      learningRate: rates.learningRate.value,
      temperature: rates.temperature.value,
      topP: rates.topP.value,
      paused: held,
      checkpoints: names,
      backAt: back === undefined ? undefined : stepOf.get(back),
      recorded: recorder !== undefined,
      replaying: recorded !== undefined,
    };
  }
  function changed(): void {
    state$.next(stateNow());
  }
  function carryOut(action: Action): void {
    recorder?.mark(title, action);
    if (action.name === 'learningRate' || action.name === 'temperature' || action.name === 'topP') {
      rates[action.name].next(action.value);
    } else if (action.name === 'checkpoint') checkpoint$.next();
    else if (action.name === 'reset') {
      back = action.value; // before the run, which may find that it cannot be read
      reset$.next(action.value);
      latest = stepOf.get(back ?? '') ?? latest;
    }
    changed();
  }
  /** Pauses, lets run, or lets run for some steps: it changes no number, and so a replay leaves it to the person. */
  function gate(action: Action): void {
    recorder?.mark(title, action);
    held = action.name !== 'resume';
    left = action.name === 'step' ? left + action.value : 0;
    const opens = !held || left > 0;
    if (opens && !open) {
      open = true;
      changed();
      puller?.wake();
    } else changed();
  }
  function afterStep(item: unknown): void {
    ticks += 1;
    const { step } = Object(item) as { readonly step?: unknown };
    latest = typeof step === 'number' ? step : latest + 1;
    if (back !== undefined) {
      back = undefined;
      changed();
    }
    if (left > 0) left -= 1;
    if (held && left === 0) open = false;
    if (waiting.length === 0 && !isDue()) return;
    busy = true; // a reset begins a new source, which must not be pulled before all actions are done
    doRecorded();
    for (const action of waiting.splice(0)) carryOut(action);
    busy = false;
    puller?.wake();
  }
  function isDue(): boolean {
    return recorded !== undefined && next < recorded.length && recorded[next]!.step <= ticks;
  }
  function doRecorded(): void {
    while (isDue()) {
      const { action } = recorded![next++]!;
      if (!isGate(action)) carryOut(action);
      else recorder?.mark(title, action);
    }
  }
  return {
    learningRate$: rates.learningRate.asObservable(),
    temperature$: rates.temperature.asObservable(),
    topP$: rates.topP.asObservable(),
    checkpoint$: checkpoint$.asObservable(),
    reset$: new Observable((subscriber) => {
      const subscription = reset$.subscribe(subscriber); // before the run begins, which may go back at once
      subscriber.next(undefined);
      return subscription;
    }),
    state$: state$.asObservable(),
    demand(inner = unlimited) {
      checkDemand('steering', 'demand', inner);
      return {
        take: () => open && !busy && inner.take(),
        connect(to) {
          puller = to;
          const disconnect = inner.connect(to);
          return () => {
            if (puller === to) puller = undefined;
            disconnect();
          };
        },
      };
    },
    follow: () =>
      operator((subscriber) => {
        if (ticks === 0) doRecorded();
        return {
          next(step) {
            subscriber.next(step);
            afterStep(step);
          },
        };
      }),
    act(action) {
      checkAction('steering.act', 'action', action);
      if (isGate(action)) return gate(action);
      if (recorded)
        throw new RangeError(`steering.act: the run replays a recording, so ${action.name} is not yours to set`);
      if (action.name === 'reset' && !names.includes(action.value)) {
        throw new RangeError(`steering.act: there is no checkpoint ${show(action.value)}`);
      }
      const betweenSteps = !open || (action.name !== 'checkpoint' && action.name !== 'reset');
      if (betweenSteps) carryOut(action);
      else if (waiting.length < MOST_SAVED) waiting.push(action);
      else throw new RangeError('steering.act: too many actions wait for the end of a step');
    },
    saved(name) {
      names = [...names.filter((other) => other !== name), name].slice(-MOST_SAVED);
      stepOf.set(name, latest);
      for (const known of stepOf.keys()) if (!names.includes(known)) stepOf.delete(known);
      changed();
    },
    forget(name) {
      names = names.filter((other) => other !== name);
      stepOf.delete(name);
      if (back === name) back = undefined;
      changed();
    },
  };
}

function isGate({ name }: Action): boolean {
  return name === 'pause' || name === 'resume' || name === 'step';
}

/** The recorded actions, checked, each with the step after which it was done. */
function actionsOf(recording: Recording, title: string): { readonly step: number; readonly action: Action }[] {
  const track = recording.tracks.find((track) => track.title === title);
  return (track?.marbles ?? []).flatMap((marble) => {
    if (marble.kind !== 'N') return [];
    checkAction('steering', `the action of step ${marble.step}`, marble.value);
    return [{ step: marble.step, action: marble.value }];
  });
}
