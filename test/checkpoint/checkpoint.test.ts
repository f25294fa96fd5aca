import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { count, EMPTY, identity, map, pipe, repeat, ReplaySubject, Subject, take, tap, throwError } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpoint, type CheckpointOptions, type Resumed } from '../../src/checkpoint/checkpoint.js';
import { latestCheckpoint } from '../../src/checkpoint/latestCheckpoint.js';
import { loadCheckpoint } from '../../src/checkpoint/loadCheckpoint.js';
import { bookmark } from '../../src/flow/bookmark.js';
import { yielding } from '../../src/flow/yielding.js';
import { unlimited } from '../../src/flow/demand.js';
import { adam } from '../../src/learn/adam.js';
import { trainer } from '../../src/learn/trainer.js';
import { validate, type ValidatedStep } from '../../src/learn/validate.js';
import { loadStateDict } from '../../src/model/loadStateDict.js';
import { stateDict } from '../../src/model/stateDict.js';
import { seeded } from '../../src/random/seeded.js';
import { bytes } from '../../src/source/bytes.js';
import { text } from '../../src/source/text.js';
import { textLanes } from '../../src/source/textLanes.js';
import { encode } from '../../src/token/encode.js';
import { vocabularyOf } from '../../src/token/vocabularyOf.js';
import { windows } from '../../src/token/windows.js';
import type { Window } from '../../src/types.js';
import { bits, CELLS, collected, OPTIMIZERS, smallModel } from '../learn/support.js';
import { fileClosed, outcome, temporary } from '../source/temporary.js';
import { run, symbols, temporaryFolder } from './runs.js';

const random = seeded('cuts');
const STEPS = 40; // three epochs: the corpus gives 13 windows a time
const combinations = CELLS.flatMap((cell) =>
  Object.keys(OPTIMIZERS).flatMap((optimizer) =>
    (['float32', 'float64'] as const).map((dtype) => ({ cell, optimizer, dtype })),
  ),
);
for (const [i, options] of [...combinations, combinations[3]!, combinations[16]!].entries()) {
  const cut = 1 + random.integer(STEPS - 1);
  const { cell, optimizer, dtype } = options;
  test(`${cell}, ${optimizer}, ${dtype}: stopped after step ${cut}, saved and resumed, the same bytes (${i + 1})`, () => {
    const folder = temporaryFolder();
    const whole = run(options);
    const unbroken = collected(whole.steps.pipe(take(STEPS)));
    const stop$ = new ReplaySubject<void>(1);
    if (cut === 1) stop$.next();
    const before = collected(
      run({ ...options, checkpoints: { folder, every: 1000, stop$ } }).steps.pipe(
        tap(({ step }) => step === cut - 1 && stop$.next()),
        take(STEPS),
      ),
    );
    assert.is(before.values.length, cut);
    const saved = latestCheckpoint(folder)!;
    assert.is(saved.training.step, cut);
    const resumed = run({ ...options, saved, checkpoints: { folder, every: 1000 } });
    const after = collected(resumed.steps.pipe(take(STEPS - cut)));
    assert.equal([...before.values, ...after.values], unbroken.values);
    assert.equal(bits(resumed.model), bits(whole.model));
  });
}

test('stopped at every single step of a run', () => {
  const options = { cell: 'gru', validateEvery: 4 } as const;
  const whole = run(options);
  const unbroken = collected(whole.steps.pipe(take(18))).values;
  const folder = temporaryFolder();
  const steps: ValidatedStep[] = [];
  let last = smallModel(options);
  for (let i = 0; i < 18; i++) {
    const again = run({ ...options, saved: latestCheckpoint(folder), checkpoints: { folder, every: 1 } });
    steps.push(...collected(again.steps.pipe(take(1))).values);
    last = again.model;
  }
  assert.equal(steps, unbroken);
  assert.equal(bits(last), bits(whole.model));
});

test('a corpus in a file is read on from where it was, epochs joined, to the same bits', async () => {
  const path = temporary('a bad bee\r\née dab a bee\nbed\r'.repeat(20));
  const letters = vocabularyOf(Array.from(' abdeé\n'));
  const folder = temporaryFolder();
  const go = async (count: number, resume: boolean) => {
    const saved = resume ? latestCheckpoint(folder) : undefined;
    const model = saved?.model ?? smallModel();
    const mark = bookmark(saved?.place);
    const learner = trainer(model, { optimizer: adam(), resumeFrom: saved?.training });
    const { values, error } = await outcome(
      textLanes(path, { lanes: 4, newline: 'lf', bookmark: mark, demand: yielding(unlimited) }).pipe(
        repeat(),
        encode(letters),
        windows({ steps: 6, lanes: 4, bookmark: mark }),
        learner.learn,
        resume ? checkpoint({ trainer: learner, folder, every: 7, bookmark: mark, resumeFrom: saved }) : identity,
        take(count),
      ),
    );
    assert.is(error, undefined);
    return { values, model };
  };
  const whole = await go(63, false);
  const pieces = [await go(21, true), await go(14, true), await go(28, true)];
  assert.equal(
    pieces.flatMap(({ values }) => values),
    whole.values,
  );
  assert.equal(bits(pieces[2]!.model), bits(whole.model));
});

test('the run is the same to the bit with checkpoints and without', () => {
  const [one, two] = [run(), run({ checkpoints: { folder: temporaryFolder(), every: 2 } })];
  assert.equal(collected(one.steps.pipe(take(20))), collected(two.steps.pipe(take(20))));
  assert.equal(bits(one.model), bits(two.model));
});

test('the last three stay, and the best', () => {
  const folder = temporaryFolder();
  const { steps } = run({ checkpoints: { folder, every: 5 }, validateEvery: 2 });
  const { values } = collected(steps.pipe(take(43)));
  assert.equal(readdirSync(folder).toSorted(), [
    'best.safetensors',
    ...[30, 35, 40].map((step) => `checkpoint-0000000${step}.safetensors`),
  ]);
  const validated = values.filter(({ validation }) => validation);
  const best = validated.reduce((best, step) => (step.validation!.loss < best.validation!.loss ? step : best));
  const kept = loadCheckpoint(join(folder, 'best.safetensors'));
  assert.is(kept.training.step, best.step);
  assert.equal(kept.validations.at(-1), { step: best.step, loss: best.validation!.loss });
});

test('a file is there when its step is emitted, and is reported', () => {
  const folder = temporaryFolder();
  const reported: [string, number][] = [];
  const { steps } = run({ checkpoints: { folder, every: 2, onSaved: (path, step) => reported.push([path, step]) } });
  steps.pipe(take(4)).subscribe(({ step }) => {
    if (step % 2 === 0) assert.is(latestCheckpoint(folder)?.training.step, step);
  });
  assert.equal(
    reported,
    [2, 4].map((step) => [join(folder, `checkpoint-00000000${step}.safetensors`), step]),
  );
});

test('what a checkpoint holds: the run, place, vocabulary, generators, losses, validations, settings, versions', () => {
  const folder = temporaryFolder();
  const order = seeded('order');
  order.normal();
  const config = { data: 'corpus.txt', hidden: 6, nested: { list: [1, null] } };
  const { steps, model, learner } = run({
    checkpoints: { folder, every: 6, randoms: { order }, config },
    validateEvery: 3,
  });
  const taken: unknown[] = [];
  const seen: ValidatedStep[] = [];
  steps.pipe(take(6)).subscribe((step) => {
    seen.push(step);
    if (step.step === 6) taken.push(learner.state());
  });
  const saved = latestCheckpoint(folder)!;
  assert.equal([saved.training], taken);
  assert.equal(stateDict(saved.model), stateDict(model));
  assert.equal(saved.vocabulary?.symbols, symbols.symbols);
  assert.is(saved.place?.epoch, 0);
  assert.equal(saved.randoms, { order: order.state() });
  assert.equal(
    saved.losses,
    seen.map(({ loss }) => loss),
  );
  assert.equal(
    saved.validations.map(({ step }) => step),
    [3, 6],
  );
  assert.equal(saved.config, config);
  assert.is(saved.versions['node'], process.versions.node);
  assert.match(saved.versions['rxrnn']!, /^\d+\.\d+\.\d+/);
  assert.is(saved.nextLoss, undefined);
});

test('losses and validations go on through a resumption, the last thousand losses', () => {
  const folder = temporaryFolder();
  const losses: number[] = [];
  for (const count of [600, 600]) {
    const saved = latestCheckpoint(folder);
    const { steps } = run({ saved, checkpoints: { folder, every: 600 }, validateEvery: 300 });
    losses.push(...collected(steps.pipe(take(count))).values.map(({ loss }) => loss));
  }
  const saved = latestCheckpoint(folder)!;
  assert.equal(saved.losses, losses.slice(200));
  assert.equal(
    saved.validations.map(({ step }) => step),
    [300, 600, 900, 1200],
  );
});

test('the end of a run is saved, whatever its step, and only once', () => {
  const folder = temporaryFolder();
  const reported: number[] = [];
  const onSaved = (_path: string, step: number): void => void reported.push(step);
  for (const steps of [7, 3]) {
    const saved = latestCheckpoint(folder);
    collected(run({ saved, steps, checkpoints: { folder, every: 5, onSaved } }).steps);
  }
  assert.equal(reported, [5, 7, 10]);
});

test('left by its subscriber, a run saves nothing more', () => {
  const folder = temporaryFolder();
  collected(run({ checkpoints: { folder, every: 5 } }).steps.pipe(take(3)));
  assert.is(latestCheckpoint(folder), undefined);
});

test('stopped, it saves the next step, notes the loss of the one after it, and completes', () => {
  const folder = temporaryFolder();
  const unbroken = collected(run().steps.pipe(take(6))).values;
  const stop$ = new Subject<void>();
  const reported: number[] = [];
  const { steps } = run({ checkpoints: { folder, every: 100, stop$, onSaved: (_path, step) => reported.push(step) } });
  let completed = false;
  steps.subscribe({
    next: ({ step }) => step === 4 && stop$.next(),
    complete: () => (completed = true),
  });
  assert.ok(completed);
  assert.equal(reported, [5, 5], 'at once, and again with the loss that came next');
  const saved = latestCheckpoint(folder)!;
  assert.is(saved.training.step, 5);
  assert.is(saved.nextLoss, unbroken[5]!.loss);

  const resumed: Resumed[] = [];
  const again = run({ saved, checkpoints: { folder, every: 100, onResumed: (report) => resumed.push(report) } });
  assert.equal(collected(again.steps.pipe(take(1))).values, [unbroken[5]!]);
  assert.equal(resumed, [{ step: 6, loss: unbroken[5]!.loss, recorded: unbroken[5]!.loss }]);
});

/** A folder with a run stopped after step 4, and its checkpoint. */
function stoppedRun() {
  const folder = temporaryFolder();
  const stop$ = new Subject<void>();
  run({ checkpoints: { folder, every: 2, stop$ } }).steps.subscribe(({ step }) => step === 3 && stop$.next());
  return { folder, saved: latestCheckpoint(folder)! };
}

test('refused: a resumed run whose first loss is another', () => {
  const { folder, saved } = stoppedRun();
  loadStateDict(saved.model, stateDict(smallModel({ cell: 'lstm' })));
  const place = { ...saved.place!, stages: { ...saved.place!.stages, windows: [3, 0, 1, 1, 1] } };
  const files = readdirSync(folder);
  const { error } = collected(
    run({ saved: { ...saved, place }, checkpoints: { folder, every: 1, resumeFrom: saved } }).steps,
  );
  assert.match(
    error!.message,
    /^checkpoint: the loss of step 5 is .*, but the stopped run had .*: the corpus, the place in it or an option differs/,
  );
  assert.equal(readdirSync(folder), files);
});

test('refused: a run resumed on other data, with another vocabulary or another model', () => {
  const folder = temporaryFolder();
  const first = { folder, every: 2, vocabulary: symbols, data: 'abc' };
  assert.is(collected(run({ steps: 4, checkpoints: first }).steps).error, undefined);
  const saved = latestCheckpoint(folder)!;
  assert.is(saved.data, 'abc');
  const resume = (more: Partial<CheckpointOptions>): Error | undefined => {
    const files = readdirSync(folder);
    try {
      const { error } = collected(
        run({ saved, steps: 2, checkpoints: { ...first, every: 9, resumeFrom: saved, ...more } }).steps,
      );
      if (error) assert.equal(readdirSync(folder), files);
      return error;
    } catch (error) {
      return error as Error;
    }
  };
  assert.match(
    resume({ data: 'abd' })!.message,
    /^checkpoint: the data is not that of .*: its digest is "abd", it was "abc"/,
  );
  for (const [vocabulary, what] of [
    [vocabularyOf(Array.from('bacdefg')), 'token 0 is "b", it was "a"'],
    [vocabularyOf(Array.from('abcdefgh')), 'it has 8 symbols, it had 7'],
    [vocabularyOf(Array.from('abcdef')), 'it has 6 symbols, it had 7'],
    [vocabularyOf(Array.from('abcdefg'), { unknown: 'c' }), 'its unknown symbol is token 2, it was none'],
  ] as const) {
    assert.match(resume({ vocabulary })!.message, `${what}; take the one of the checkpoint`);
  }
  const configuration = { ...saved.training.configuration, dtype: 'float64' };
  const other = { ...saved, training: { ...saved.training, configuration } };
  assert.match(
    resume({ resumeFrom: other })!.message,
    /^checkpoint: the model is not that of .*: its configuration is/,
  );
  assert.is(resume({ data: undefined }), undefined, 'nothing to compare');
});

test('a run continues with dataChanged on other data', () => {
  const folder = temporaryFolder();
  collected(run({ steps: 4, checkpoints: { folder, every: 2, data: 'abc' } }).steps);
  const saved = latestCheckpoint(folder)!;
  const checkpoints = { folder, every: 2, data: 'abd', dataChanged: true, resumeFrom: saved };
  assert.is(collected(run({ saved, steps: 2, checkpoints }).steps).error, undefined);
  assert.is(latestCheckpoint(folder)!.data, 'abd');
});

test('refused: a folder that holds another run, and a run that was not resumed where its checkpoints say', () => {
  const { folder, saved } = stoppedRun();
  const anew = collected(run({ checkpoints: { folder, every: 1 } }).steps);
  assert.match(anew.error!.message, /holds a run of 4 steps; resume it \(latestCheckpoint\) or take another folder$/);
  const forgotten = collected(run({ checkpoints: { folder, every: 1, resumeFrom: saved } }).steps);
  assert.match(
    forgotten.error!.message,
    /^checkpoint: the run begins at step 1, not after step 4 of .*; give its training to the trainer/,
  );
});

test('a run resumed from before damaged files sets them aside', () => {
  const { folder } = stoppedRun();
  const newest = join(folder, 'checkpoint-000000004.safetensors');
  writeFileSync(newest, readFileSync(newest).subarray(1));
  const saved = latestCheckpoint(folder, { onRefused: () => undefined })!;
  assert.is(saved.training.step, 2);
  const { error } = collected(run({ saved, checkpoints: { folder, every: 3 } }).steps.pipe(take(2)));
  assert.is(error, undefined);
  assert.equal(readdirSync(folder).toSorted(), [
    'checkpoint-000000002.safetensors',
    'checkpoint-000000003.safetensors',
    'checkpoint-000000004.safetensors.set-aside',
  ]);
});

test('numbers that are not finite are never saved: the run ends and the older checkpoint stays', () => {
  const { folder, saved } = stoppedRun();
  const { optimizer } = saved.training;
  for (const { data } of optimizer.moments.values()) data.fill(NaN);
  const { values, error } = collected(run({ saved, checkpoints: { folder, every: 1 } }).steps);
  assert.equal(values, []);
  assert.match(error!.message, /^checkpoint: weights\.recurrent\.weight_ih_l0 is not finite after step 5; /);
  assert.is(latestCheckpoint(folder)!.training.step, 4);
});

for (const loss of [NaN, Infinity]) {
  test(`a validation loss of ${loss} ends the run, and what was saved before can be read`, () => {
    const folder = temporaryFolder();
    const { model, learner, steps } = run();
    const measure = pipe(
      count<Window>(),
      map(() => ({ loss: 1 })),
    );
    const { values, error } = collected(
      steps.pipe(
        validate(model, EMPTY, { every: 2, measure }),
        map((step) => (step.step === 4 ? { ...step, validation: { loss } } : step)),
        checkpoint({ trainer: learner, folder, every: 1 }),
        take(9),
      ),
    );
    assert.is(values.length, 3);
    assert.match(error!.message, /^checkpoint: the validation loss of step 4 must be a finite number, got (NaN|Inf)/);
    assert.is(latestCheckpoint(folder)!.training.step, 3);
  });
}

test('the last thousand validations are kept, and the best of those before, however many there were', () => {
  const folder = temporaryFolder();
  collected(run({ checkpoints: { folder, every: 2 }, steps: 2 }).steps);
  const saved = latestCheckpoint(folder)!;
  const validations = Array.from({ length: 200_000 }, (_, i) => ({
    step: i,
    loss: i === 7 || i === 9 ? 0.25 : 100 + i,
  }));
  const reported: string[] = [];
  const onSaved = (path: string): void => void reported.push(basename(path));
  const { error } = collected(
    run({ saved: { ...saved, validations }, checkpoints: { folder, every: 1, onSaved }, validateEvery: 1, steps: 3 })
      .steps,
  );
  assert.is(error, undefined);
  assert.equal(
    reported,
    [3, 4, 5].map((step) => `checkpoint-00000000${step}.safetensors`),
  );
  const kept = latestCheckpoint(folder)!.validations;
  assert.is(kept.length, 1001);
  assert.equal(
    [0, 1, 997, 998, 1000].map((i) => kept[i]!.step),
    [7, 199_003, 199_999, 3, 5],
  );
});

for (const [when, stop$] of [
  ['at once', throwError(() => new Error('no signal'))],
  ['later', new Subject<void>()],
] as const) {
  test(`an error of stop$, ${when}, is the error of the run`, () => {
    const { steps } = run({ checkpoints: { folder: temporaryFolder(), every: 9, stop$ } });
    const failing$ = steps.pipe(
      take(9),
      tap(({ step }) => step === 2 && stop$ instanceof Subject && stop$.error(new Error('no signal'))),
    );
    const { values, error } = collected(failing$);
    assert.is(error?.message, 'no signal');
    assert.is(values.length, when === 'later' ? 1 : 0);
  });
}

test('a resumed run holds on to the best of before', () => {
  const folder = temporaryFolder();
  const reported: string[] = [];
  const onSaved = (path: string): void => void reported.push(basename(path));
  collected(run({ checkpoints: { folder, every: 4 }, validateEvery: 2, steps: 4 }).steps);
  const saved = latestCheckpoint(folder)!;
  const validations = [{ step: 4, loss: 0.5 }];
  collected(
    run({ saved: { ...saved, validations }, checkpoints: { folder, every: 4, onSaved }, validateEvery: 2, steps: 4 })
      .steps,
  );
  assert.equal(reported, ['checkpoint-000000008.safetensors']);
});

test('what a dead process left half-written is swept at the start', () => {
  const folder = temporaryFolder();
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(join(folder, `.best.safetensors.tmp-${pid}-0`), '');
  collected(run({ checkpoints: { folder, every: 9 }, steps: 1 }).steps);
  assert.equal(readdirSync(folder), ['checkpoint-000000001.safetensors']);
});

test('a run that ended listens to stop$ no more', () => {
  const stop$ = new Subject<void>();
  const { steps } = run({ checkpoints: { folder: temporaryFolder(), every: 9, stop$ } });
  steps.pipe(take(2)).subscribe(() => assert.ok(stop$.observed));
  assert.not(stop$.observed);
});

test('refused: every and keep that are not positive integers, unknown options, and a run without its trainer', () => {
  const [folder, { learner }] = [temporaryFolder(), run()];
  const options = { trainer: learner, folder, every: 1 };
  assert.throws(() => checkpoint({ ...options, every: 0 }), /^checkpoint: every must be a positive integer, got 0$/);
  assert.throws(() => checkpoint({ ...options, keep: 1.5 }), /^checkpoint: keep must be a positive integer, got 1\.5$/);
  assert.throws(
    () => checkpoint({ ...options, bookmarks: 1 } as typeof options),
    /^checkpoint: unknown option bookmarks; did you mean bookmark\?$/,
  );
  assert.throws(
    () => checkpoint({ folder, every: 1 } as unknown as typeof options),
    /^checkpoint: trainer must be what trainer\(model, options\) made, got undefined$/,
  );
});

test('a folder that cannot be made is an error of the stream', () => {
  const folder = join(temporary('a file'), 'run');
  const { error } = collected(run({ checkpoints: { folder, every: 1 } }).steps);
  assert.is((error as NodeJS.ErrnoException).code, 'ENOTDIR');
});

test('unsubscribed at a random moment, a thousand times: no file open, nothing emitted later, no timer left', async () => {
  const path = temporary('abc\ndef\nfab\n'.repeat(400));
  const folder = join(temporaryFolder(), 'runs');
  mkdirSync(folder);
  const model = smallModel();
  const chance = seeded('unsubscribe');
  const letters = vocabularyOf(Array.from('abcdef\n'));
  let late = 0;
  for (let i = 0; i < 1000; i++) {
    const mark = bookmark();
    const demand = yielding(unlimited, 1);
    const tokens$ = [
      () => textLanes(path, { lanes: 2, bookmark: mark, demand }).pipe(encode(letters)),
      () => text(path, { bookmark: mark, demand }).pipe(encode(letters)),
      () => bytes(path, { bookmark: mark, demand }).pipe(map((byte) => byte % 7)),
    ][i % 3]!();
    let left = false;
    const learner = trainer(model, { optimizer: adam() });
    const subscription = tokens$
      .pipe(
        windows({ steps: 4, lanes: 2, bookmark: mark }),
        learner.learn,
        i % 50 === 0
          ? checkpoint({ trainer: learner, folder: join(folder, String(i)), every: 3, bookmark: mark })
          : identity,
      )
      .subscribe(() => (late += left ? 1 : 0));
    const turns = chance.integer(4);
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    subscription.unsubscribe();
    left = true;
  }
  await fileClosed(path);
  assert.is(late, 0);
  const active = process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
  assert.ok(active.length <= 1, `${active.length} timers`); // the test runner's own
  assert.equal(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.tmp-')),
    [],
  );
});

test.run();
