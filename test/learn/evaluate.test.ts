import { EMPTY, from, map, of } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate, type Evaluation } from '../../src/learn/evaluate.js';
import { stateDict } from '../../src/model/stateDict.js';
import { marbles } from '../../src/record/marbles.js';
import { windows } from '../../src/token/windows.js';
import { all, constantModel, model, tokens } from '../infer/models.js';

marbles('one evaluation, when the windows end; an error instead of one', ({ cold, expectObservable }) => {
  const w = { steps: 3, lanes: 1, inputs: Int32Array.of(0, 1, 2), targets: Int32Array.of(1, 2, 3) };
  const evaluated = evaluate(constantModel([0, 0, 0, 0]));
  const rounded = map(({ tokens, loss, bitsPerToken, perplexity }: Evaluation) =>
    [tokens, loss, bitsPerToken, perplexity].map((x) => Math.round(x * 1e9) / 1e9),
  );
  const e = [6, 1.386294361, 2, 4];
  expectObservable(cold('-w--w-|', { w }).pipe(evaluated, rounded)).toBe('------(e|)', { e });
  expectObservable(cold('-w-#', { w }).pipe(evaluated)).toBe('---#');
});

test('padding does not count', async () => {
  const made = model();
  const inputs = Int32Array.of(1, 2, 3, 4);
  const targets = Int32Array.of(2, 3, 4, 5);
  const masked = { steps: 4, lanes: 1, inputs, targets, mask: Uint8Array.of(1, 1, 0, 0) };
  const short = { steps: 2, lanes: 1, inputs: inputs.slice(0, 2), targets: targets.slice(0, 2) };
  assert.equal(await all(of(masked).pipe(evaluate(made))), await all(of(short).pipe(evaluate(made))));
});

test('nothing of the model changes', async () => {
  const made = model();
  const before = stateDict(made);
  await all(from(tokens(50)).pipe(windows({ steps: 7 }), evaluate(made)));
  assert.equal([...stateDict(made)], [...before]);
});

test('refused: no target', () => {
  let found = '';
  EMPTY.pipe(evaluate(model())).subscribe({ error: (error: Error) => (found = error.message) });
  assert.is(found, 'evaluate: the windows have no target');
});

test.run();
