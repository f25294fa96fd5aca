import type { Matches, TextReading } from '../messages.js';
import { byId, make, seen, variable } from './dom.js';
import { statesOf } from './makeReading.js';

/** Units × symbols, with the unit and the span that are looked at. */
export interface HeatMap {
  show(reading: TextReading): void;
  showMatches(matches: Matches): void;
  select(from: number, to: number): void;
  restyle(): void;
}

/** Pixels of a cell. */
const [WIDE, HIGH] = [10, 6];
/** Pixels above the cells, for the symbols. */
const TOP = 16;

/** Makes the heat map; a unit that is chosen and a span that is searched for are handed on. */
export function makeHeatMap(chosen: (unit: number) => void, search: (from: number, to: number) => void): HeatMap {
  const canvas = byId('map', 'canvas');
  const list = byId('unit', 'select');
  const [from, to] = [byId('from', 'input'), byId('to', 'input')];
  let reading: TextReading | undefined;
  let start: number | undefined;

  function choose(unit: number): void {
    list.selectedIndex = unit;
    chosen(unit);
    draw();
  }
  function select(a: number, b: number): void {
    from.value = String(a);
    to.value = String(b);
    draw();
  }
  function ask(): void {
    search(Number(from.value), Number(to.value));
  }
  list.addEventListener('change', () => choose(list.selectedIndex));
  byId('match').addEventListener('click', ask);
  for (const input of [from, to]) input.addEventListener('change', draw);
  canvas.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'mouse') canvas.setPointerCapture(event.pointerId);
    start = Math.floor(event.offsetX / WIDE);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (start === undefined) return;
    const now = Math.floor(event.offsetX / WIDE);
    if (Math.abs(now - start) >= 1) select(Math.max(0, Math.min(start, now)), Math.max(start, now) + 1);
  });
  canvas.addEventListener('pointerup', (event) => {
    const now = Math.floor(event.offsetX / WIDE);
    if (start !== undefined && now === start)
      choose(Math.max(0, Math.min(Math.floor((event.offsetY - TOP) / HIGH), list.options.length - 1)));
    else if (start !== undefined) ask();
    start = undefined;
  });
  canvas.addEventListener('pointercancel', () => (start = undefined)); // the finger scrolls

  function draw(): void {
    const context = canvas.getContext('2d');
    if (!reading || !context) return;
    const { units, symbols } = reading;
    const states = statesOf(reading);
    const [width, height] = [symbols.length, units.length];
    const image = new ImageData(width, height);
    const [back, plus, minus] = ['--card', '--plus', '--minus'].map((name) => rgb(variable(name)));
    for (let t = 0; t < width; t++) {
      for (let u = 0; u < height; u++) {
        const value = states[t * height + u]! / 127;
        const full = value > 0 ? plus! : minus!;
        const at = 4 * (u * width + t);
        for (let k = 0; k < 3; k++) image.data[at + k] = back![k]! + (full[k]! - back![k]!) * Math.abs(value);
        image.data[at + 3] = 255;
      }
    }
    canvas.width = width * WIDE;
    canvas.height = TOP + height * HIGH;
    const small = new OffscreenCanvas(width, height);
    small.getContext('2d')!.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, TOP, canvas.width, height * HIGH);
    context.fillStyle = variable('--ink');
    context.font = '12px ui-monospace, monospace';
    context.textAlign = 'center';
    for (const [t, symbol] of symbols.entries()) context.fillText(seen(symbol), (t + 0.5) * WIDE, TOP - 5);
    context.strokeStyle = variable('--ink');
    context.lineWidth = 1.5;
    context.strokeRect(1, TOP + list.selectedIndex * HIGH, canvas.width - 2, HIGH);
    const [a, b] = [Number(from.value), Number(to.value)];
    context.strokeStyle = variable('--accent');
    context.strokeRect(a * WIDE, 1, (b - a) * WIDE, canvas.height - 2);
  }
  return {
    show(now) {
      byId('states').hidden = now.units.length === 0;
      if (reading?.units.length !== now.units.length) {
        list.replaceChildren(...now.units.map((name) => make('option', name)));
        list.selectedIndex = 0;
      }
      reading = now;
      from.max = to.max = String(now.symbols.length);
      canvas.setAttribute('aria-label', `Heat map of ${now.units.length} units and ${now.symbols.length} symbols`);
      draw();
    },
    select,
    restyle: draw,
    showMatches({ units, spans }) {
      const buttons = units.map(({ unit, name, mean }) => {
        const button = make('button', `${name} (${mean.toFixed(2)})`);
        button.type = 'button';
        button.addEventListener('click', () => choose(unit));
        return button;
      });
      const line = make('p', 'Most unusual here, with the mean activation: ');
      line.append(...buttons.flatMap((button) => [button, ' ']));
      const table = make('table');
      const rows = spans.map(({ before, span, after, likeness }) => {
        const row = make('tr');
        const words = make('td');
        words.append(
          make('span', write(before), 'context'),
          make('mark', write(span)),
          make('span', write(after), 'context'),
        );
        row.append(make('td', likeness.toFixed(2)), words);
        return row;
      });
      table.append(...rows);
      byId('matches').replaceChildren(
        line,
        make('p', rows.length > 0 ? 'Places in a like state, 1 being the same:' : 'No other place.'),
        table,
      );
    },
  };
}

function write(text: string): string {
  return Array.from(text, (symbol) => (symbol === ' ' ? ' ' : seen(symbol))).join('');
}

/** Red, green and blue of a colour of the style sheet, which are written as #rrggbb. */
function rgb(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
