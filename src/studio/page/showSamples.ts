import type { Answer, Sample } from '../messages.js';
import { byId, make } from './dom.js';

/** Shows samples through time, the newest first to be seen. */
export function showSamples(samples: readonly Sample[]): void {
  byId('samples').hidden = false;
  const columns = byId('columns');
  const atEnd = columns.scrollLeft + columns.clientWidth >= columns.scrollWidth - 20;
  columns.replaceChildren(
    ...samples.map(({ step, text }) => {
      const figure = make('figure');
      figure.append(
        make('figcaption', step === 0 ? 'before the first step' : `after step ${step.toLocaleString('en')}`),
        make('pre', text),
      );
      return figure;
    }),
  );
  if (atEnd) columns.scrollLeft = columns.scrollWidth;
}

/** Shows what the network answers to a prompt. */
export function showAnswer({ prompt, text, unread, problem, ended }: Answer): void {
  const answer = byId('answer');
  answer.replaceChildren(
    make('b', prompt),
    text,
    ...(ended ? [] : ['▌']),
    ...(unread === undefined ? [] : [` (not in its alphabet, and so not read: ${unread})`]),
    ...(problem === undefined ? [] : [` (${problem})`]),
  );
}
