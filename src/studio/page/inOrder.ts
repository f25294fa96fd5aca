import type { Action, Question } from '../messages.js';

/** What a page sends: of one that is all in a tab, also a text to learn. */
type Message = Action | Question | { readonly text: string };

/** Sends a message; rejected where it was refused, or did not arrive. */
export type Send = (message: Message) => Promise<void>;

/** Messages of which only the latest matters: where two follow each other, the first need not be sent. */
const LATEST: ReadonlySet<string> = new Set(['learningRate', 'temperature', 'topP', 'unit', 'span']);

/**
 * Sends messages one at a time, in the order in which they were given: those that go by several connections may arrive in
 * another. Of a slider that moves while one is on its way, the latest place is sent.
 */
export function inOrder(send: Send): Send {
  let before: Promise<unknown> = Promise.resolve();
  let last: { message: Message; answer: Promise<void> } | undefined; // waits to be sent
  return (message) => {
    const name = nameOf(message);
    if (last && name !== undefined && LATEST.has(name) && nameOf(last.message) === name) {
      last.message = message;
      return last.answer;
    }
    const own = { message, answer: before.then(go) };
    function go(): Promise<void> {
      if (last === own) last = undefined;
      return send(own.message);
    }
    before = own.answer.catch(() => undefined);
    last = own;
    return own.answer;
  };
}

function nameOf(message: Message): string | undefined {
  return 'name' in message ? message.name : undefined;
}
