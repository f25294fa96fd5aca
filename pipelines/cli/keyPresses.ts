import { Observable } from 'rxjs';

/**
 * Emits 1 per key press on a terminal, or per line of any other input; completes at the end of the input, and on a
 * terminal at `q`, Ctrl-C or Ctrl-D. The terminal is restored at the end.
 */
export function keyPresses(input: NodeJS.ReadStream = process.stdin): Observable<number> {
  return new Observable((subscriber) => {
    function take(chunk: Buffer): void {
      for (const byte of chunk) {
        if (input.isTTY && (byte === 3 || byte === 4 || byte === 0x71)) return subscriber.complete();
        if (input.isTTY || byte === 10) subscriber.next(1);
      }
    }
    function end(): void {
      subscriber.complete();
    }
    if (input.isTTY) input.setRawMode(true);
    input.on('data', take).on('end', end).resume();
    return () => {
      input.off('data', take).off('end', end).pause();
      if (input.isTTY) input.setRawMode(false);
    };
  });
}
