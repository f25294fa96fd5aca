/**
 * Makes a function that says how far a run is and how long the rest takes at the speed so far: `12 % · 1:05:09 left` in
 * two parts. `begun` is the share that was done before; `now` gives seconds.
 */
export function timeLeft(begun = 0, now: () => number = () => performance.now() / 1000): (share: number) => string[] {
  const started = now();
  return (share) => {
    const left = (now() - started) * ((1 - share) / (share - begun));
    return [`${Math.floor(100 * share)} %`, `${clock(left)} left`];
  };
}

/** Seconds as minutes and seconds, with hours where there are any. */
function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const padded = (count: number): string => String(count).padStart(2, '0');
  return hours > 0 ? `${hours}:${padded(minutes)}:${padded(rest)}` : `${minutes}:${padded(rest)}`;
}
