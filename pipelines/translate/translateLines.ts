import { concatMap, lastValueFrom, map, type Observable, takeUntil, tap } from 'rxjs';
import { closed } from '../../src/index.js';
import { sayComplaint } from '../cli/sayComplaint.js';
import { printTranslated } from './printTranslated.js';
import { translateWord, type Translator } from './translateWord.js';
import { unknownLetters } from './unknownLetters.js';

/** Prints the translation of each line as it comes, an empty line for an empty one. */
export async function translateLines(translator: Translator, line$: Observable<string>, json: boolean): Promise<void> {
  const never = unknownLetters();
  const printed$ = line$.pipe(
    map((line) => line.trim()),
    concatMap((word) => translateWord(translator, word)),
    tap((found) => {
      never.add(found.unknown);
      printTranslated(found, json);
    }),
    takeUntil(closed()),
  );
  await lastValueFrom(printed$, { defaultValue: undefined });
  sayComplaint(never);
}
