import type { Observable } from 'rxjs';
import type { Demand } from '../flow/demand.js';
import { pull } from '../flow/pull.js';
import type { Token } from '../types.js';
import { file } from './file.js';
import { type Parser, parsed } from './parsed.js';

/**
 * Emits the bytes of a file, 0 to 255, which are the tokens of `byteVocabulary`: any file will do.
 *
 * The file is opened on each subscription, read as it is demanded, and closed on unsubscription; errors name it.
 */
export function bytes(path: string | URL, options: { readonly demand?: Demand } = {}): Observable<Token> {
  return pull(parsed(file('bytes', path).open(), elements), options.demand);
}

function elements(): Parser<Uint8Array, number> {
  let chunk: Uint8Array | undefined;
  let index = 0;
  return {
    push(next) {
      chunk = next;
      index = 0;
    },
    take() {
      return chunk !== undefined && index < chunk.length ? chunk[index++] : undefined;
    },
  };
}
