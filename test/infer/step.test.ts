import { from } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { step } from '../../src/infer/step.js';
import { all, kinds, model, through, tokens } from './models.js';

for (const kind of kinds) {
  test(`${kind}: each token is one step of the model from the state before`, async () => {
    const made = model(kind);
    const text = tokens(20);
    let state = made.zeroState();
    for (const { token, logits, state: after } of await through(text, step(made))) {
      const expected = made.step(token, state);
      assert.equal(logits, expected.output);
      assert.equal([...after], [...expected.state]);
      state = expected.state;
    }
  });
}

test('what was emitted is never written again', async () => {
  const kept: unknown[] = [];
  const seen = await all(
    from(tokens(10)).pipe(step(model()), (predicted$) => {
      predicted$.subscribe((predicted) => kept.push(structuredClone(predicted)));
      return predicted$;
    }),
  );
  assert.equal(kept, seen);
});

test('it continues from the state of another run', async () => {
  const made = model();
  const text = tokens(12);
  const whole = await through(text, step(made));
  const rest = await through(text.slice(5), step(made, { initialState: whole[4]!.state }));
  assert.equal(rest, whole.slice(5));
});

test('a second subscription starts from zeros', async () => {
  const made = model();
  const predicted$ = from(tokens(8)).pipe(step(made));
  assert.equal(await all(predicted$), await all(predicted$));
});

test('refused: a token outside the vocabulary', async () => {
  let message = '';
  await through([7], step(model())).catch((error: Error) => (message = error.message));
  assert.is(message, 'step: token 7 at index 0 is outside the vocabulary of 7');
});

test.run();
