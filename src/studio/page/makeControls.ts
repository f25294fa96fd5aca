import type { ControlsState } from '../messages.js';
import { byId, make, short } from './dom.js';
import type { Feed } from './openFeed.js';

/** The controls of the run. */
export interface Controls {
  show(state: ControlsState): void;
  /** Shows the same state again, where what this page may do has changed. */
  refresh(): void;
  /** Says what became of a wish of the person. */
  tell(problem: string): void;
}

/** Makes the controls; `steers` tells whether this page may use them. */
export function makeControls(feed: () => Feed, steers: () => boolean): Controls {
  const problem = byId('problem');
  const pause = byId('pause', 'button');
  const list = byId('checkpoints', 'select');
  let state: ControlsState | undefined;

  function tell(text: string): void {
    problem.textContent = text;
  }
  function act(message: Parameters<Feed['send']>[0]): void {
    if (!steers()) return;
    feed()
      .send(message)
      .then(
        () => tell(''),
        (error: unknown) => tell(error instanceof Error ? error.message : String(error)),
      );
  }
  const sliders = [
    slider(
      'learning-rate',
      (position) => Number((10 ** position).toPrecision(3)),
      Math.log10,
      (value) => act({ name: 'learningRate', value }),
    ),
    slider('temperature', Number, Number, (value) => act({ name: 'temperature', value })),
    slider('top-p', Number, Number, (value) => act({ name: 'topP', value })),
  ] as const;

  function toggle(): void {
    act({ name: state?.paused ? 'resume' : 'pause' });
  }
  pause.addEventListener('click', toggle);
  byId('one').addEventListener('click', () => act({ name: 'step', value: 1 }));
  byId('save').addEventListener('click', () => act({ name: 'checkpoint' }));
  byId('reset').addEventListener('click', () => {
    if (list.value !== '') act({ name: 'reset', value: list.value });
  });
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    const at = event.target as HTMLElement;
    // those have a use of their own for the keys
    if (at.closest('input:not([type="checkbox"]), select, textarea, [tabindex]')) return;
    if (event.key === ' ') {
      if (at.closest('button, input, a')) return; // it presses them
      toggle();
    } else if (event.key === 'ArrowRight') act({ name: 'step', value: event.shiftKey ? 10 : 1 });
    else return;
    event.preventDefault();
  });
  function show(now: ControlsState): void {
    state = now;
    const able = steers();
    pause.textContent = now.paused ? 'Continue' : 'Pause';
    for (const id of ['pause', 'one', 'save']) byId(id, 'button').disabled = !able;
    for (const it of sliders) it.able(able && !now.replaying);
    sliders[0].set(now.learningRate);
    sliders[1].set(now.temperature);
    sliders[2].set(now.topP);
    if (list.dataset['names'] !== now.checkpoints.join('\n')) {
      list.dataset['names'] = now.checkpoints.join('\n');
      list.replaceChildren(...(now.checkpoints.length > 0 ? now.checkpoints : ['']).map((name) => option(name)));
      list.selectedIndex = list.options.length - 1;
    }
    list.disabled = !able || now.checkpoints.length === 0;
    byId('reset', 'button').disabled = list.disabled || now.replaying;
  }
  return {
    tell,
    show,
    refresh() {
      if (state) show(state);
    },
  };
}

/** A checkpoint to choose, by the step that its name ends with; the empty name stands for none. */
function option(name: string): HTMLOptionElement {
  const step = /(\d+)\.safetensors$/.exec(name)?.[1];
  const element = make(
    'option',
    name === '' ? 'none yet' : step === undefined ? name : `step ${Number(step).toLocaleString('en')}`,
  );
  element.value = name;
  return element;
}

interface Slider {
  set(value: number): void;
  able(able: boolean): void;
}

function slider(
  id: string,
  valueAt: (position: number) => number,
  positionOf: (value: number) => number,
  moved: (value: number) => void,
): Slider {
  const input = byId(id, 'input');
  const output = byId(`${id}-value`, 'output');
  let pulled = false; // the person has it in hand
  let sent = 0;
  function say(value: number): void {
    output.value = short(value);
    input.setAttribute('aria-valuetext', short(value));
  }
  function send(): void {
    const value = valueAt(Number(input.value));
    say(value);
    sent = performance.now();
    moved(value);
  }
  input.addEventListener('input', () => {
    pulled = true;
    if (performance.now() - sent > 50) send();
    else say(valueAt(Number(input.value)));
  });
  input.addEventListener('change', () => {
    pulled = false;
    send();
  });
  return {
    set(value) {
      if (pulled) return;
      const position = positionOf(value);
      if (Number.isFinite(position)) input.value = String(position);
      say(value);
    },
    able(able) {
      input.disabled = !able;
    },
  };
}
