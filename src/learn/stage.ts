import { isObservable, type OperatorFunction } from 'rxjs';
import { show } from '../check/show.js';

/**
 * The operator of an option, which may be anybody's: a TypeError where it gives no observable, as a function does that
 * makes an operator and was not called.
 */
export function stage<A, B>(who: string, option: string, operator: OperatorFunction<A, B>): OperatorFunction<A, B> {
  return (source$) => {
    const result$: unknown = operator(source$);
    if (isObservable(result$)) return result$ as ReturnType<typeof operator>;
    const hint = typeof result$ === 'function' ? '; call it where you pass it on' : '';
    throw new TypeError(`${who}: ${option} must be an operator, but gave ${show(result$)} for an observable${hint}`);
  };
}
