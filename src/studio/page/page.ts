// The page of the studio. Everything on it is a topic of the run, drawn at most once per frame.
import type { About, Points, Question, TextReading, Topics } from '../messages.js';
import { makeControls } from './makeControls.js';
import { makeCurves } from './makeCurves.js';
import { byId, short } from './dom.js';
import { type Feed, openFeed } from './openFeed.js';
import { showGates } from './showGates.js';
import { makeHeatMap } from './makeHeatMap.js';
import { showPipeline } from './showPipeline.js';
import { makeReading } from './makeReading.js';
import { showAnswer, showSamples } from './showSamples.js';
import { showAttention, showSeries } from './showSeries.js';

let feed: Feed | undefined;
let about: About | undefined;
let text: TextReading | undefined;
let series: Topics['series'] | undefined;
const NOTHING = { step: 0, loss: NaN, speed: NaN, tokens: 0, seconds: 0 };
let status = NOTHING;
/** Whether everything is in this tab. */
const inWorker = document.documentElement.dataset['worker'] !== undefined;
let paused = false;
let ended = '';

const curves = makeCurves();
const controls = makeControls(
  () => feed!,
  () => about?.steers === true && feed?.live === true && ended === '',
);
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

byId('own').hidden = !inWorker;
byId('learn').addEventListener('click', () => {
  const tell = (problem: string): void => void (byId('own-problem').textContent = problem);
  feed?.send({ text: byId('lines', 'textarea').value }).then(
    () => tell(''),
    (error: unknown) => tell(error instanceof Error ? error.message : String(error)),
  );
});

function ask(question: Question): void {
  if (feed?.live !== true || ended !== '') return;
  feed.send(question).catch((error: unknown) => controls.tell(error instanceof Error ? error.message : String(error)));
}

/** What asks the run for something can be used while somebody is there who answers. */
function showAble(): void {
  const answers = feed?.live === true && ended === '';
  for (const id of ['write', 'match']) byId(id, 'button').disabled = !answers;
  byId('prompt', 'input').disabled = !answers;
  controls.refresh();
}

/** What draws each topic. */
const DRAW: { readonly [K in keyof Topics]: (value: Topics[K]) => void } = {
  about(now) {
    if (about && about.run !== now.run) {
      if (!inWorker) location.reload(); // another run, at the same address
      status = NOTHING;
      ended = '';
      byId('connection').textContent = '';
    }
    about = now;
    byId('title').textContent = now.title;
    document.title = `${now.title} · rxrnn studio`;
    byId('export').hidden = inWorker || document.getElementById('saved') !== null;
    curves.compare(now.settings, now.runs);
    if (!now.steers) byId('controls').hidden = true;
    showAble();
  },
  controls(now) {
    paused = now.paused;
    byId('controls').hidden = false;
    controls.show(now);
    showStatus();
  },
  samples: showSamples,
  text(now) {
    text = now;
    reading.show(now);
    map.show(now);
    showGates(now);
  },
  matches: (now) => map.showMatches(now),
  pipeline: showPipeline,
  series(now) {
    series = now;
    byId('curves').hidden = status.step === 0; // a stream that is watched, and not a run
    if (status.step === 0) byId('status').textContent = 'Watching a stream.';
    showSeries(now);
  },
  attention: showAttention,
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

function note({ step, tokens, seconds, loss }: Points): void {
  const last = step.length - 1;
  if (last < 0) return;
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
  if (step === 0) {
    if (paused) byId('status').textContent = 'Paused before the first step.';
    return;
  }
  const bits = about?.reads === true ? ` = ${(loss / Math.LN2).toFixed(2)} bits` : '';
  const doing = ended !== '' ? '' : paused ? ' · paused' : ` · ${short(speed)} symbols/s`;
  byId('status').textContent = `Step ${step.toLocaleString('en')} · loss ${loss.toFixed(3)} nats${bits}${doing}`;
}

/** Topics wait for the next frame: the latest of each, and all points, in the order in which they came. */
const waiting = new Map<keyof Topics, (() => void)[]>();
let asked = false;

function show<K extends keyof Topics>(topic: K, value: Topics[K]): void {
  const draw = (): void => DRAW[topic](value);
  if (topic === 'curves') waiting.delete('points');
  if (topic === 'points') waiting.set(topic, [...(waiting.get(topic) ?? []), draw]);
  else waiting.set(topic, [draw]);
  if (asked) return;
  asked = true;
  // a hidden tab draws no frames; what came is kept all the same
  if (document.hidden) setTimeout(drawWaiting, 200);
  else requestAnimationFrame(drawWaiting);
}

function drawWaiting(): void {
  asked = false;
  const now = [...waiting.values()].flat();
  waiting.clear();
  for (const draw of now) draw();
  curves.draw();
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  curves.restyle();
  map.restyle();
  if (text) showGates(text, true);
  if (series) showSeries(series, true);
});
feed = openFeed(show, (words) => {
  if (ended === '') byId('connection').textContent = words;
});
