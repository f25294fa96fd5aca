import type { Topics } from '../messages.js';
import { TOPICS } from '../topics.js';
import type { Send } from './inOrder.js';

/** What brings the page its topics, and takes what it asks: a server, a worker, or nothing but a saved copy. */
export interface Feed {
  /** Whether anything can be asked. */
  readonly live: boolean;
  readonly send: Send;
}

export type Show = <K extends keyof Topics>(topic: K, value: Topics[K]) => void;

/** Milliseconds for which an answer is waited for: what a person does next waits, too. */
const PATIENCE = 10_000;

/** Shows what the page has from the beginning, if anything; returns how far in the run's points that is. */
export function showNow(show: Show): string | undefined {
  const now = document.querySelector<HTMLTemplateElement>('template#now');
  if (!now) return undefined;
  const { id, topics } = JSON.parse(now.content.textContent ?? '') as {
    readonly id: string;
    readonly topics: Partial<Topics>;
  };
  now.remove(); // once is enough
  showAll(topics, show);
  return id;
}

/**
 * Connects the page to its run. `connected` is given the state of the connection, in words; `drawn` is what `showNow` has
 * returned.
 */
export function openFeed(show: Show, connected: (words: string) => void, drawn?: string): Feed {
  const saved = document.getElementById('saved');
  if (saved) return savedFeed(saved, show);
  return document.documentElement.dataset['worker'] === undefined
    ? serverFeed(show, connected, drawn)
    : workerFeed(show, connected);
}

function showAll(topics: Partial<Topics>, show: Show): void {
  for (const topic of TOPICS) if (topics[topic] !== undefined) show(topic, topics[topic]);
}

/** A copy that was saved as one file: everything is in it. */
function savedFeed(saved: HTMLElement, show: Show): Feed {
  const topics = JSON.parse(saved.textContent ?? '{}') as Partial<Topics>;
  showAll(topics, show);
  return { live: false, send: () => Promise.reject(new Error('this is a saved copy')) };
}

function serverFeed(show: Show, connected: (words: string) => void, drawn: string | undefined): Feed {
  const live = document.documentElement.dataset['onlooker'] === undefined;
  const token = new URLSearchParams(location.search).get('token') ?? '';
  const events = new EventSource(drawn === undefined ? '/events' : `/events?drawn=${drawn}`);
  for (const topic of TOPICS) {
    events.addEventListener(topic, (event) => {
      show(topic, JSON.parse((event as MessageEvent<string>).data) as Topics[typeof topic]);
      if (topic === 'ended') events.close();
    });
  }
  const words = live
    ? ''
    : 'You may only look: steering needs the whole address, with its token, that the run printed.';
  events.addEventListener('open', () => connected(words));
  events.addEventListener('error', () => {
    if (events.readyState !== EventSource.CLOSED) connected('The run does not answer; trying again …');
    else connected('The connection is closed.');
  });
  return {
    live,
    async send(message) {
      const response = await fetch('/act', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Studio-Token': token },
        body: JSON.stringify(message),
        signal: AbortSignal.timeout(PATIENCE),
      }).catch(() => {
        throw new Error('The run did not answer, and may not have heard this.');
      });
      if (!response.ok) throw new Error((await response.text()).trim());
    },
  };
}

/** Everything in the tab: the run is in a worker beside the page. */
function workerFeed(show: Show, connected: (words: string) => void): Feed {
  const worker = new Worker('worker.js', { type: 'module' });
  worker.addEventListener('error', () => connected('The run has failed, or this browser cannot run it.'));
  const asked: ((problem: string | undefined) => void)[] = []; // and not answered yet
  worker.addEventListener('message', ({ data: [topic, value] }: MessageEvent<[keyof Topics | 'answered', never]>) => {
    if (topic === 'answered') return asked.shift()?.(value);
    if (TOPICS.includes(topic)) show(topic, value);
    else connected(String(value)); // what could not be done
    worker.postMessage('taken', []);
  });
  return {
    live: true,
    send: (message) =>
      new Promise((resolve, reject) => {
        asked.push((problem) => (problem === undefined ? resolve() : reject(new Error(problem))));
        worker.postMessage(message, []);
      }),
  };
}
