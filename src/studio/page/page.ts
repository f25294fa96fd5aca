// The page of the studio. Everything on it is a topic of the run: what is said in words is shown as it comes, what is
// drawn follows, a piece per frame, so that neither the words nor a control that is used wait for all of it.
import type { About, Points, Question, TextReading, Topics } from '../messages.js';
import { makeControls } from './makeControls.js';
import { makeCurves } from './makeCurves.js';
import { byId, short } from './dom.js';
import { inOrder } from './inOrder.js';
import { type Feed, openFeed, showNow } from './openFeed.js';
import { showGates } from './showGates.js';
import { makeHeatMap } from './makeHeatMap.js';
import { showPipeline } from './showPipeline.js';
import { makeReading } from './makeReading.js';
import { showMore } from './showMore.js';
import { showAnswer, showSamples } from './showSamples.js';
import { showAttention, showSeries } from './showSeries.js';

let feed: Feed | undefined;
let about: About | undefined;
let connected = false; // something has come from the run
let text: TextReading | undefined;
let series: Topics['series'] | undefined;
const NOTHING = { step: 0, loss: NaN, speed: NaN, tokens: 0, seconds: 0 };
let status = NOTHING;
/** Whether everything is in this tab. */
const inWorker = document.documentElement.dataset['worker'] !== undefined;
let paused = false;
/** The step that the run has gone back to, until it makes the next one. */
let backAt: number | undefined;
let ended = '';

const curves = makeCurves();
const send = inOrder((message) => feed!.send(message));
const controls = makeControls(send, whyNot);
const reading = makeReading();
const map = makeHeatMap(
  (unit) => {
    reading.colourBy(unit);
    ask({ name: 'unit', value: unit });
  },
  (from, to) => {
    reading.select(from, to);
    ask({ name: 'span', from, to });
  },
);
reading.onSpan = (from, to) => {
  map.select(from, to);
  ask({ name: 'span', from, to });
};
byId('ask', 'form').addEventListener('submit', (event) => {
  event.preventDefault();
  ask({ name: 'prompt', value: byId('prompt', 'input').value });
});

for (const scroll of document.querySelectorAll<HTMLElement>('.scroll')) showMore(scroll);
byId('own').hidden = !inWorker;
byId('learn').addEventListener('click', () => {
  const tell = (problem: string): void => void (byId('own-problem').textContent = problem);
  tell(''); // what was wrong with the text before
  send({ text: byId('lines', 'textarea').value }).catch((error: unknown) => tell(reasonOf(error)));
});

/** Asks the run; what cannot be answered is said beside the question. */
function ask(question: Question): void {
  if (feed?.live !== true || ended !== '') return;
  const problem = byId(question.name === 'prompt' ? 'ask-problem' : 'match-problem');
  send(question).then(
    () => (problem.textContent = ''),
    (error: unknown) => (problem.textContent = reasonOf(error)),
  );
}

/** What went wrong, without the name of the function that refused it. */
function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/^studio: /, '');
}

/** Why the controls cannot be used, in words; empty where the page says so already, undefined where they can. */
function whyNot(): string | undefined {
  if (feed?.live === false || about?.steers === false || ended !== '') return '';
  return !connected || about === undefined ? 'The page is not connected to its run yet.' : undefined;
}

/** What asks the run for something can be used while somebody is there who answers. */
function showAble(): void {
  const answers = feed?.live === true && connected && about !== undefined && ended === '';
  for (const id of ['write', 'match']) byId(id, 'button').disabled = !answers;
  byId('prompt', 'input').disabled = !answers;
  controls.refresh();
}

type Said = 'about' | 'controls' | 'answer' | 'ended' | 'curves' | 'points';
type Drawn = Exclude<keyof Topics, Said>;

/** What says each topic in words. */
const SAY: { readonly [K in Said]: (value: Topics[K]) => void } = {
  about(now) {
    if (about && about.run !== now.run) {
      if (!inWorker) location.reload(); // another run, at the same address
      status = NOTHING;
      ended = '';
      byId('held-about').hidden = true;
      byId('connection').textContent = '';
    }
    about = now;
    byId('title').textContent = now.title;
    document.title = `${now.title} · rxrnn studio`;
    byId('watching').hidden = inWorker; // nothing runs without this page
    byId('export').hidden = inWorker || document.getElementById('saved') !== null;
    curves.compare(now.settings, now.runs);
    if (!now.steers) byId('controls').hidden = true;
    showAble();
  },
  controls(now) {
    paused = now.paused;
    backAt = now.backAt;
    byId('controls').hidden = false;
    controls.show(now);
    byId('recorded-about').hidden = !now.recorded;
    showStatus();
  },
  answer: showAnswer,
  ended({ reason }) {
    ended = reason;
    showAble();
    showStatus();
    byId('connection').textContent = reason;
  },
  curves(points) {
    curves.reset(points);
    note(points);
  },
  points(points) {
    curves.add(points);
    note(points);
  },
};

/** What draws each topic, in pieces. */
const DRAW: { readonly [K in Drawn]: readonly ((value: Topics[K]) => void)[] } = {
  samples: [showSamples],
  text: [
    (now) => {
      text = now;
      reading.show(now);
    },
    (now) => map.show(now),
    (now) => showGates(now),
  ],
  matches: [(now) => map.showMatches(now)],
  pipeline: [showPipeline],
  series: [
    (now) => {
      series = now;
      byId('curves').hidden = status.step === 0; // a stream that is watched, and not a run
      if (status.step === 0) byId('status').textContent = 'Watching a stream.';
      showSeries(now);
    },
  ],
  attention: [showAttention],
};

function note({ step, tokens, seconds, loss, heldOut }: Points): void {
  const last = step.length - 1;
  if (last < 0) return;
  if (heldOut.some((loss) => loss !== null)) byId('held-about').hidden = false;
  byId('curves').hidden = false;
  const now = { step: step[last]!, tokens: tokens[last]!, seconds: seconds[last]!, loss: loss[last]! };
  const [before, time] = [status, now.seconds - status.seconds];
  const speed = time > 0 && now.tokens > before.tokens ? (now.tokens - before.tokens) / time : before.speed;
  const share = Number.isNaN(before.loss) ? 1 : 0.3;
  status = {
    ...now,
    loss: share === 1 ? now.loss : before.loss + share * (now.loss - before.loss),
    speed: Number.isNaN(before.speed) ? speed : before.speed + share * (speed - before.speed),
  };
  showStatus();
}

function showStatus(): void {
  const { step, loss, speed } = status;
  const said = byId('status');
  if (step === 0) {
    if (paused) said.textContent = 'Paused before the first step.';
    return;
  }
  if (backAt !== undefined) {
    said.textContent = `Step ${backAt.toLocaleString('en')} · gone back to it${paused ? ' · paused' : ''}`;
    return;
  }
  const bits = about?.reads === true && loss < 1e6 ? ` = ${(loss / Math.LN2).toFixed(2)} bits` : '';
  const doing = ended !== '' ? '' : paused ? ' · paused' : ` · ${short(speed)} symbols/s`;
  said.textContent = `Step ${step.toLocaleString('en')} · loss ${loss < 1e6 ? loss.toFixed(3) : loss.toExponential(2)} nats${bits}${doing}`;
}

/** Pieces wait to be drawn, one per frame: the latest of each, in the order in which they came. */
const waiting = new Map<string, () => void>();
let asked = false;

function show<K extends keyof Topics>(topic: K, value: Topics[K]): void {
  if (isSaid(topic)) {
    (SAY[topic] as (value: Topics[K]) => void)(value);
    waiting.set('curves', curves.draw);
  } else {
    for (const [i, draw] of (DRAW[topic as Drawn] as readonly ((value: Topics[K]) => void)[]).entries())
      waiting.set(`${topic} ${i}`, () => draw(value));
  }
  askFrame();
}

function isSaid(topic: keyof Topics): topic is Said {
  return Object.hasOwn(SAY, topic);
}

function askFrame(): void {
  if (asked) return;
  asked = true;
  // a hidden tab draws no frames; what came is kept all the same
  if (document.hidden) setTimeout(drawNext, 200);
  else requestAnimationFrame(drawNext);
}

function drawNext(): void {
  asked = false;
  for (const [piece, draw] of waiting) {
    waiting.delete(piece);
    draw();
    if (!document.hidden) break;
  }
  if (waiting.size > 0) askFrame();
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  curves.restyle();
  map.restyle();
  if (text) showGates(text, true);
  if (series) showSeries(series, true);
});
byId('connection').textContent = ''; // the script is here
const drawn = showNow(show);
for (const draw of waiting.values()) draw(); // at once, so that a picture of the page has it
waiting.clear();
feed = openFeed(
  (topic, value) => {
    connected = true;
    show(topic, value);
  },
  (words) => {
    if (ended === '') byId('connection').textContent = words;
  },
  drawn,
);
