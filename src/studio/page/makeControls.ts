import type { ControlsState } from '../messages.js';
import { byId, make, short } from './dom.js';
import type { Send } from './inOrder.js';

/** The controls of the run. */
export interface Controls {
  show(state: ControlsState): void;
  /** Shows the same state again, where what this page may do has changed. */
  refresh(): void;
  /** Says what became of a wish of the person. */
  tell(problem: string): void;
}

/** Makes the controls; `whyNot` says why they cannot be used, and nothing where they can. */
export function makeControls(send: Send, whyNot: () => string | undefined): Controls {
  const problem = byId('problem');
  const pause = byId('pause', 'button');
  const list = byId('checkpoints', 'select');
  let state: ControlsState | undefined;

  function tell(text: string): void {
    problem.textContent = text;
  }
  /** Whether it was done; where it was not, that is said. */
  async function act(message: Parameters<Send>[0]): Promise<boolean> {
    let reason = whyNot();
    try {
      if (reason === undefined) await send(message);
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    tell(reason ?? '');
    return reason === undefined;
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
    void act({ name: state?.paused ? 'resume' : 'pause' });
  }
  pause.addEventListener('click', toggle);
  byId('one').addEventListener('click', () => void act({ name: 'step', value: 1 }));
  byId('save').addEventListener('click', () => void act({ name: 'checkpoint' }));
  byId('reset').addEventListener('click', () => {
    if (list.value !== '') void act({ name: 'reset', value: list.value });
  });
  byId('controls').addEventListener('click', (event) => {
    // a button that was clicked gives the keys back: space pauses; one that a key has pressed keeps them
    if (event.detail > 0) (event.target as HTMLElement).closest('button')?.blur();
  });
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || whyNot() === '') return;
    const at = event.target as HTMLElement;
    // those have a use of their own for the keys
    if (at.closest('input:not([type="checkbox"]), select, textarea, [tabindex]')) return;
    if (event.key === ' ') {
      if (at.closest('button, input, a')) return; // it presses them
      toggle();
    } else if (event.key === 'ArrowRight') void act({ name: 'step', value: event.shiftKey ? 10 : 1 });
    else return;
    event.preventDefault();
  });
  function show(now: ControlsState): void {
    state = now;
    const able = whyNot() === undefined;
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
  moved: (value: number) => Promise<boolean>,
): Slider {
  const input = byId(id, 'input');
  const output = byId(`${id}-value`, 'output');
  let pulled = false; // the person has it in hand
  let sent = 0;
  let unanswered = 0;
  let shown: number | undefined; // the run's value, as it was shown last
  let news: number | undefined; // the run's value, where it came while this one was not shown
  function say(value: number): void {
    output.value = short(value);
    input.setAttribute('aria-valuetext', short(value));
  }
  function send(): void {
    const value = valueAt(Number(input.value));
    say(value);
    sent = performance.now();
    unanswered += 1;
    void moved(value).then(answered);
  }
  function answered(done: boolean): void {
    unanswered -= 1;
    if (!done) news ??= shown;
    if (news !== undefined) set(news);
  }
  /** Shows the run's value, but not while the person moves the slider, or the run has not heard of it. */
  function set(value: number): void {
    news = value;
    if (pulled || unanswered > 0) return;
    news = undefined;
    shown = value;
    const position = positionOf(value);
    if (Number.isFinite(position)) input.value = String(position);
    say(value);
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
    set,
    able(able) {
      input.disabled = !able;
    },
  };
}
