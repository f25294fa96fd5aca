import type { Observable } from 'rxjs';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { checkDemand } from '../flow/checkDemand.js';
import type { Demand } from '../flow/demand.js';
import { pull } from '../flow/pull.js';
import { CHARACTER_CHECKS, type CharacterOptions, characterParser } from './characterParser.js';
import { parseChunks } from './parseChunks.js';
import { standardInput } from './standardInput.js';

/** How standard input is read. */
export interface StdinOptions extends CharacterOptions {
  /** When to read on; without one, as fast as the call stack downstream allows. */
  readonly demand?: Demand | undefined;
}

/**
 * Emits the code points of standard input as they arrive; errors are those of `text`.
 *
 * ```
 * typed    -hi↵---------^D
 * stdin()  ---(h i \n)--|
 * ```
 *
 * Standard input can be read once per process: a second subscription is an error. Unsubscribing closes it, so that it
 * does not keep the process alive.
 */
export function stdin(given: StdinOptions = {}): Observable<string> {
  given = options('stdin', given, { ...CHARACTER_CHECKS, demand: optional(checkDemand) });
  const parse = characterParser('stdin', given);
  return pull(
    parseChunks(standardInput, () => parse()),
    given.demand,
  );
}
