// A source of your own with demand: a socket whose server sends one message for each `next` that it gets. `pull` asks
// only when there is demand, so that a slow reader slows the server down and nothing is held in between.
import { Subject } from 'rxjs';
import { type Demand, encode, pull, requested, vocabularyOf, windows } from 'rxrnn';

/** The part of a `WebSocket` that is used here. */
interface Socket {
  addEventListener(type: 'message' | 'close' | 'error', listener: (event: { readonly data?: string }) => void): void;
  send(text: string): void;
  close(): void;
}

const messages = (open: () => Socket, demand?: Demand) =>
  pull<string>(() => {
    const socket = open();
    let ended = false;
    let answer: ((step: IteratorResult<string>) => void) | undefined;
    let fail: ((error: Error) => void) | undefined;
    const end = () => {
      ended = true;
      answer?.({ done: true, value: undefined });
    };
    socket.addEventListener('message', ({ data = '' }) => answer?.({ done: false, value: data }));
    socket.addEventListener('close', end);
    socket.addEventListener('error', () => fail?.(new Error('messages: the connection failed')));
    return {
      next: () =>
        new Promise<IteratorResult<string>>((resolve, reject) => {
          [answer, fail] = [resolve, reject];
          if (ended) end();
          else socket.send('next');
        }),
      return: () => socket.close(),
    };
  }, demand);

/** Stands for a connection to a server that spells a word, letter by letter. */
class Fake implements Socket {
  readonly listeners = new Map<string, (event: { readonly data?: string }) => void>();
  sent = 0;
  addEventListener(type: string, listener: (event: { readonly data?: string }) => void): void {
    this.listeners.set(type, listener);
  }
  send(): void {
    const data = 'hello'[this.sent++];
    queueMicrotask(() => (data ? this.listeners.get('message')?.({ data }) : this.listeners.get('close')?.({})));
  }
  close(): void {
    console.log(`closed after ${this.sent} messages`);
  }
}

const demand$ = new Subject<number>();
const server = new Fake();
const letter$ = messages(() => server, requested(demand$));
const subscription = letter$
  .pipe(encode(vocabularyOf(Array.from('ehlo'))), windows({ steps: 2 }))
  .subscribe(({ inputs, targets }) => console.log(`${inputs.join(' ')} → ${targets.join(' ')}`));
console.log(server.sent); // -> 0
demand$.next(3);
await new Promise((resolve) => setTimeout(resolve));
console.log(server.sent);
subscription.unsubscribe();
// -> 1 0 → 0 2
// -> 3
// -> closed after 3 messages
