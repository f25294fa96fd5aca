import { from, lastValueFrom, map, type Observable, switchMap, take, tap, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  bookmark,
  lanes,
  pull,
  trainer,
  type TrainingState,
  type TrainingStep,
  unlimited,
  windows,
  yielding,
  type Place,
} from '../../src/index.js';
import { parse, print, recorder, type Recording } from '../../src/recording.js';
import { type Action, steering, type Steering } from '../../src/studio.js';
import { smallModel, symbols, TEXT } from './runs.js';

const tokens = Int32Array.from(TEXT, (symbol) => symbols.token(symbol)!);

/** A run with checkpoints in memory; `act` is called after each step, as a page would act between two. */
async function steeredRun(
  steps: number,
  act: (count: number, controls: Steering) => void,
  replay?: Recording,
): Promise<{ made: TrainingStep[]; recording: Recording }> {
  const run = recorder({ clock: 'steps' });
  const controls = steering({ learningRate: 0.02, recorder: run, replay });
  const model = smallModel();
  const optimizer = adam({ learningRate: controls.learningRate$ });
  const saved = new Map<string, { readonly state: TrainingState; readonly place: Place }>();
  let snapshot: () => { readonly state: TrainingState; readonly place: Place };
  controls.checkpoint$.subscribe(() => {
    const taken = snapshot();
    saved.set(`step ${taken.state.step}`, taken);
    controls.saved(`step ${taken.state.step}`);
  });
  const learn = (name: string | undefined): Observable<TrainingStep> => {
    const start = name === undefined ? undefined : saved.get(name)!;
    const training = trainer(model, { optimizer, resumeFrom: start?.state });
    const mark = bookmark(start?.place);
    snapshot = () => ({ state: training.state(), place: mark.place() });
    return pull(lanes(tokens, 2, { bookmark: mark }), controls.demand(yielding(unlimited, 1))).pipe(
      windows({ steps: 5, lanes: 2, bookmark: mark }),
      training.learn,
    );
  };
  const made: TrainingStep[] = [];
  await lastValueFrom(
    controls.reset$.pipe(
      switchMap(learn),
      run.record('steps'),
      controls.follow(),
      tap((step) => made.push(step)),
      tap(() => queueMicrotask(() => act(made.length, controls))),
      take(steps),
    ),
  );
  return { made, recording: run.recording() };
}

test('a steered run, recorded and replayed, has the same bits: rates, a checkpoint, and going back to it', async () => {
  const done = new Set<number>();
  const { made, recording } = await steeredRun(38, (count, controls) => {
    if (done.has(count)) return;
    done.add(count);
    // microtasks run when the run gives the event loop a turn, at some step that a replay must find again
    if (controls && done.size === 1) controls.act({ name: 'learningRate', value: 0.005 });
    if (done.size === 2) controls.act({ name: 'checkpoint' });
    if (done.size === 6) controls.act({ name: 'learningRate', value: 0.05 });
  });
  assert.ok(made.some(({ learningRate }) => learningRate === 0.005));
  const text = print(recording);
  const again = await steeredRun(38, () => undefined, parse(text));
  assert.equal(again.made, made);
  assert.is(print(again.recording), text);
});

test('going back to a checkpoint repeats its steps, and a replay goes back too', async () => {
  const plan: Readonly<Record<number, Action>> = {
    3: { name: 'learningRate', value: 0.01 },
    8: { name: 'checkpoint' },
    14: { name: 'reset', value: 'step 8' },
  };
  // actions are given inside `next`, so that the steps are known
  const make = async (replay?: Recording): Promise<{ made: TrainingStep[]; text: string }> => {
    const run = recorder({ clock: 'steps' });
    const controls = steering({ learningRate: 0.02, recorder: run, replay });
    const model = smallModel();
    const optimizer = adam({ learningRate: controls.learningRate$ });
    let training: ReturnType<typeof trainer>;
    let mark: ReturnType<typeof bookmark>;
    const saved = new Map<string, { readonly state: TrainingState; readonly place: Place }>();
    controls.checkpoint$.subscribe(() => {
      const name = `step ${training.state().step}`;
      saved.set(name, { state: training.state(), place: mark.place() });
      controls.saved(name);
    });
    const made: TrainingStep[] = [];
    await lastValueFrom(
      controls.reset$.pipe(
        switchMap((name) => {
          const start = name === undefined ? undefined : saved.get(name)!;
          training = trainer(model, { optimizer, resumeFrom: start?.state });
          mark = bookmark(start?.place);
          return pull(lanes(tokens, 2, { bookmark: mark }), controls.demand()).pipe(
            windows({ steps: 5, lanes: 2, bookmark: mark }),
            training.learn,
          );
        }),
        run.record('steps'),
        controls.follow(),
        tap((step) => {
          made.push(step);
          const action = replay ? undefined : plan[made.length];
          if (action) controls.act(action);
        }),
        take(20),
      ),
    );
    return { made, text: print(run.recording()) };
  };
  const first = await make();
  assert.equal(
    first.made.map(({ step }) => step),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 9, 10, 11, 12, 13, 14],
  );
  assert.equal(first.made.slice(14), first.made.slice(8, 14));
  const again = await make(parse(first.text));
  assert.equal(again.made, first.made);
  assert.is(again.text, first.text);
});

test('pause holds the source between two steps, a step is one step, and continuing goes on', () => {
  const controls = steering({ learningRate: 1 });
  const seen: number[] = [];
  let asked = 0;
  const source = pull(
    (function* () {
      for (;;) yield ++asked;
    })(),
    controls.demand(),
  );
  source
    .pipe(
      controls.follow(),
      tap((n) => {
        seen.push(n);
        if (n === 3) controls.act({ name: 'pause' });
        if (n === 20) controls.act({ name: 'pause' });
      }),
    )
    .subscribe();
  assert.equal(seen, [1, 2, 3]);
  assert.is(asked, 3);
  controls.act({ name: 'step', value: 1 });
  assert.equal(seen, [1, 2, 3, 4]);
  controls.act({ name: 'step', value: 2 });
  assert.is(seen.length, 6);
  controls.act({ name: 'resume' });
  assert.is(seen.length, 20);
});

test('paused from the start, nothing is pulled until a step is asked for; pausing in the middle of a step waits for its end', () => {
  const controls = steering({ learningRate: 1, paused: true });
  const seen: number[] = [];
  let asked = 0;
  const source = pull(() => ({ next: () => ({ value: ++asked, done: false as const }) }), controls.demand());
  source.pipe(windowsOfThree, controls.follow()).subscribe((n) => seen.push(n));
  assert.is(asked, 0);
  controls.act({ name: 'step', value: 1 });
  assert.equal([asked, ...seen], [3, 3]);
  controls.act({ name: 'step', value: 2 });
  assert.equal([asked, ...seen], [9, 3, 6, 9]);

  function windowsOfThree(it: Observable<number>): Observable<number> {
    let count = 0;
    return it.pipe(
      map((n) => ((count += 1) % 3 === 0 ? [n] : [])),
      switchMap((list) => from(list)),
    );
  }
});

test('the state has the step that was gone back to, until the next one, whether or not items are training steps', () => {
  for (const stepOf of [(n: number) => ({ step: 10 * n }), (n: number) => n]) {
    const controls = steering({ learningRate: 1, paused: true });
    const told: (number | undefined)[] = [];
    controls.state$.subscribe(({ backAt }) => told.push(backAt));
    controls.checkpoint$.subscribe(() => controls.saved('a'));
    const lost = controls.reset$.subscribe((name) => void (name === 'b' && controls.forget(name)));
    let n = 0;
    const item$ = pull(() => ({ next: () => ({ value: stepOf(++n), done: false as const }) }), controls.demand());
    item$.pipe(controls.follow()).subscribe();
    controls.act({ name: 'step', value: 2 });
    controls.act({ name: 'checkpoint' });
    controls.act({ name: 'step', value: 3 });
    controls.saved('b');
    assert.is(told.at(-1), undefined);
    controls.act({ name: 'reset', value: 'a' });
    assert.is(told.at(-1), typeof stepOf(2) === 'number' ? 2 : 20);
    controls.act({ name: 'temperature', value: 1 });
    assert.is(told.at(-1), typeof stepOf(2) === 'number' ? 2 : 20);
    controls.act({ name: 'step', value: 1 });
    assert.is(told.at(-1), undefined);
    controls.act({ name: 'reset', value: 'b' });
    assert.is(told.at(-1), undefined, 'one that could not be read');
    lost.unsubscribe();
  }
});

test('what is not an action is refused with its name, and changes nothing', async () => {
  const controls = steering({ learningRate: 1 });
  for (const [action, message] of [
    [{ name: 'learningRate', value: -1 }, /learningRate must be a number from 0 up, got -1/],
    [{ name: 'learningRate', value: Infinity }, /learningRate must be a number from 0 up/],
    [{ name: 'learningRate', value: '1' }, /learningRate must be a number from 0 up, got "1"/],
    [{ name: 'topP', value: 0 }, /topP must be in \(0, 1\], got 0/],
    [{ name: 'temperature', value: NaN }, /temperature must be in \[0, 100\]/],
    [{ name: 'step', value: 1.5 }, /step must be an integer from 1/],
    [{ name: 'reset', value: 'x' }, /there is no checkpoint "x"/],
    [{ name: 'constructor', value: 1 }, /action must be an action such as/],
    [null, /action must be an action such as/],
  ] as const) {
    assert.throws(() => controls.act(action as Action), message);
  }
  assert.equal(await lastValueFrom(controls.learningRate$.pipe(take(1), toArray())), [1]);
  assert.throws(() => steering({ learningRate: 1, temperature: 101 }), /temperature must be in \[0, 100\], got 101/);
  const replaying = steering({ learningRate: 1, replay: { about: null, tracks: [] } });
  assert.throws(() => replaying.act({ name: 'learningRate', value: 2 }), /the run replays a recording/);
  replaying.act({ name: 'pause' });
  assert.throws(() => steering({ learningRate: -1 }), /steering: learningRate must be a number from 0 up, got -1/);
  assert.throws(
    () =>
      steering({
        learningRate: 1,
        replay: { about: null, tracks: [{ title: 'controls', marbles: [{ step: 1, kind: 'N', value: 3 }] }] },
      }),
    /the action of step 1 must be an action/,
  );
});

test.run();
