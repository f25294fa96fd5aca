import { BehaviorSubject, Subject } from 'rxjs';
import { test } from 'uvu';
import { generateText, type GenerateTextOptions } from '../../src/infer/generateText.js';
import type { Model } from '../../src/model/model.js';
import { type Endless, sourceRow, sourceTable } from '../support/sourceTable.js';
import { constantModel } from './models.js';

/** A model that counts its passes, and knows whether its buffers are lent. */
function watched(of: Model): { model: Model; passes: () => number; lent: () => boolean } {
  let passes = 0;
  let lent = 0;
  const model: Model = {
    ...of,
    tape(...sizes) {
      lent += 1;
      const tape = of.tape(...sizes);
      const forward = tape.forward.bind(tape);
      const { release } = tape;
      return Object.assign(tape, {
        forward(...args: Parameters<typeof forward>) {
          passes += 1;
          forward(...args);
        },
        release() {
          lent -= 1;
          release();
        },
      });
    },
  };
  return { model, passes: () => passes, lent: () => lent > 0 };
}

const greedy: GenerateTextOptions = { temperature: 0, maxTokens: 4 };
const endless = (options: GenerateTextOptions): Endless<{ token: number }> => {
  const { model, passes, lent } = watched(constantModel([0, 9, 0]));
  return { source: generateText(model, options), taken: passes, most: 3, held: lent };
};

sourceTable({
  generateText: sourceRow({
    source: (demand) => generateText(constantModel([0, 9, 0]), { ...greedy, ...(demand && { demand }) }),
    values: [1, 1, 1, 1],
    look: ({ token }) => token,
    empty: 'maxTokens is at least 1',
    fails: {
      source: () => generateText(constantModel([0, 9, 0]), { temperature: new Subject<number>() }),
      error:
        'generateText: temperature is an observable without a number; start it with one (startWith, BehaviorSubject)',
    },
    endless: () => endless({}),
  }),
  "generateText, the user's stop": sourceRow({
    source: (demand) => {
      const stop = ({ token }: { token: number }): boolean => token === 0;
      return generateText(constantModel([0, 9, 0]), { ...greedy, stop, ...(demand && { demand }) });
    },
    values: [1, 1, 1, 1],
    look: ({ token }) => token,
    empty: 'the option that stops it is given, too',
    fails: {
      source: () =>
        generateText(constantModel([0, 9, 0]), {
          ...greedy,
          stop() {
            throw new Error('the user failed');
          },
        }),
      error: 'the user failed',
    },
    endless: () => endless({ temperature: new BehaviorSubject(1) }),
  }),
});

test.run();
