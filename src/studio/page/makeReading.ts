import type { TextReading } from '../messages.js';
import { byId, make, seen } from './dom.js';

/** The text as the network reads it. */
export interface ReadingView {
  show(reading: TextReading): void;
  /** Colours by the activation of a unit. */
  colourBy(unit: number): void;
  /** Marks a span. */
  select(from: number, to: number): void;
  /** Called with a span that was dragged over. */
  onSpan: (from: number, to: number) => void;
}

/** Bits at which the colour is full. */
const FULL = 10;
/** Lines shorter than this, such as names, are not broken: they would leave most of the page empty. */
const SHORT_LINE = 40;

/** The activations of a reading: characters × units, each in [−1, 1] of its scale. */
export function statesOf({ states }: TextReading): Int8Array {
  return Int8Array.from(atob(states), (character) => character.charCodeAt(0));
}

/** Makes the view of the text. */
export function makeReading(): ReadingView {
  const text = byId('text');
  const details = byId('details');
  const colour = byId('colour', 'select');
  const likeliest = byId('show-likeliest', 'input');
  let reading: TextReading | undefined;
  let states: Int8Array = new Int8Array(0);
  let spans: HTMLElement[] = [];
  let unit = 0;
  let here = -1;
  let dragged: number | undefined;

  const view: ReadingView = {
    show(now) {
      byId('reading').hidden = false;
      const another = reading === undefined || reading.symbols.join('') !== now.symbols.join('');
      reading = now;
      states = statesOf(now);
      if (another) build();
      paint();
      if (here >= 0) tell(here);
    },
    colourBy(chosen) {
      unit = chosen;
      colour.value = 'unit';
      paint();
    },
    select(from, to) {
      for (const [i, span] of spans.entries()) span.classList.toggle('selected', i >= from && i < to);
    },
    onSpan: () => undefined,
  };
  colour.addEventListener('change', paint);
  likeliest.addEventListener('change', () => (build(), paint()));
  text.addEventListener('pointermove', (event) => {
    const i = indexOf(event.target);
    if (i < 0) return;
    tell(i);
    if (dragged !== undefined) view.select(Math.min(dragged, i), Math.max(dragged, i) + 1);
  });
  text.addEventListener('pointerdown', (event) => {
    const i = indexOf(event.target);
    dragged = i < 0 ? undefined : i;
    if (i >= 0) tell(i);
  });
  document.addEventListener('pointerup', () => {
    if (dragged !== undefined && here !== dragged) view.onSpan(Math.min(dragged, here), Math.max(dragged, here) + 1);
    dragged = undefined;
  });
  text.addEventListener('keydown', (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 20, ArrowUp: -20 }[event.key];
    if (by === undefined || spans.length === 0) return;
    event.preventDefault();
    tell(Math.max(0, Math.min(spans.length - 1, here + by)));
    spans[here]!.scrollIntoView({ block: 'nearest' });
  });
  return view;

  function indexOf(target: EventTarget | null): number {
    const span = (target as HTMLElement | null)?.closest<HTMLElement>('.c');
    return span ? spans.indexOf(span) : -1;
  }
  function build(): void {
    if (!reading) return;
    const wide = likeliest.checked;
    text.classList.toggle('wide', wide);
    spans = reading.symbols.map((symbol) => {
      const span = make('span', symbol === '\n' ? '↵' : symbol, 'c');
      const below = wide ? reading!.likeliest : 0;
      for (let k = 0; k < below; k++) span.append(make('small'));
      return span;
    });
    const lines = reading.symbols.filter((symbol) => symbol === '\n').length + 1;
    const broken = !wide && reading.symbols.length / lines > SHORT_LINE;
    text.replaceChildren(
      ...spans.flatMap((span, i) => (broken && reading!.symbols[i] === '\n' ? [span, '\n'] : [span])),
    );
  }
  function paint(): void {
    if (!reading) return;
    const byUnit = colour.value === 'unit';
    const { bits, units, top, shares } = reading;
    for (const [i, span] of spans.entries()) {
      const value = byUnit ? states[i * units.length + unit]! / 127 : Math.min(1, bits[i]! / FULL);
      span.style.setProperty('--q', `${Math.round(Math.abs(value) * (byUnit ? 100 : 90))}%`);
      span.style.setProperty('--to', byUnit ? `var(--${value > 0 ? 'plus' : 'minus'})` : 'var(--hot)');
      for (const [k, small] of [...span.getElementsByTagName('small')].entries()) {
        const at = i * reading.likeliest + k;
        small.textContent = seen(top[at]!);
        small.style.setProperty('--p', `${Math.round(shares[at]! * 45)}%`);
      }
    }
    showLegend(
      byUnit ? ['−', '+', 'var(--minus)', 'var(--plus)'] : ['expected', 'surprising', 'var(--card)', 'var(--hot)'],
    );
    byId('reading-about').textContent = byUnit
      ? `Text that it has not learned from, coloured by ${units[unit] ?? 'a unit'}: red where it is positive, blue where it is negative.`
      : 'Text that it has not learned from. The stronger the colour of a symbol, the more it surprised the network. Point at one to see what was expected in its place.';
  }
  function tell(i: number): void {
    if (!reading) return;
    spans[here]?.classList.remove('here');
    here = i;
    spans[i]?.classList.add('here');
    const { symbols, bits, ranks, likeliest, top, shares } = reading;
    const expected = Array.from({ length: likeliest }, (_, k) => {
      const at = i * likeliest + k;
      return `${seen(top[at]!)} ${Math.round(shares[at]! * 100)} %`;
    });
    const rank = ranks[i] === 1 ? 'the likeliest' : `rank ${ranks[i]}`;
    details.replaceChildren(
      make('b', seen(symbols[i]!)),
      ` surprised by ${bits[i]!.toFixed(2)} bits (${rank}). Expected: ${expected.join(' · ')}`,
    );
  }
}

function showLegend([left, right, from, to]: readonly [string, string, string, string]): void {
  const bar = make('i');
  bar.style.setProperty('--left', from);
  bar.style.setProperty('--right', to);
  byId('legend').replaceChildren(left, bar, right);
}
