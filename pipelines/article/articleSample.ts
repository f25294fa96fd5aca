// The names that the article's program makes up at its marks.
import { filter, map, type Observable, take } from 'rxjs';
import { type Model, numpyRandom, softmax, type Token, type Vocabulary } from '../../src/index.js';
import type { Article, ArticleStep } from './articleNames.js';

/**
 * Draws the tokens of one name as the article does: from a zero state, with a new generator per character (seeds `seed`,
 * `seed + 2`, `seed + 4`, …), up to the newline; a name of 50 characters gets an extra newline.
 */
export function articleSample(model: Model, newline: Token, seed: number): Token[] {
  const name: Token[] = [];
  let state = model.zeroState();
  let token = -1;
  while (token !== newline && name.length < 50) {
    const next = model.step(token, state);
    token = numpyRandom(seed + 2 * name.length).choice(softmax(next.output.data));
    state = next.state;
    name.push(token);
  }
  if (name.length === 50) name.push(newline);
  return name;
}

/** Formats a sample as the article prints it: first letter in upper case, no newline at its end. */
export function articleText(symbols: Vocabulary, sample: readonly Token[]): string {
  const text = sample.map((token) => symbols.symbol(token)).join('');
  return (text.charAt(0).toUpperCase() + text.slice(1)).trimEnd();
}

/** An iteration with names drawn after it. */
export interface ArticleMark extends ArticleStep {
  readonly names: readonly string[];
}

/** Runs `iterations` and emits each `every`-th one with names drawn from the model at that time. */
export function articleMarks(
  { symbols, model, steps }: Article,
  iterations: number,
  every: number,
  sampled: number,
): Observable<ArticleMark> {
  const newline = symbols.token('\n')!;
  return steps().pipe(
    take(iterations),
    filter(({ iteration }) => iteration % every === 0),
    map((step) => ({
      ...step,
      names: Array.from({ length: sampled }, (_, seed) => articleText(symbols, articleSample(model, newline, seed))),
    })),
  );
}
