import { firstValueFrom } from 'rxjs';
import { interrupted } from './interrupted.js';

const LONG = 0x7fffffff; // milliseconds

/** Keeps the process alive until Ctrl-C, SIGTERM or SIGHUP comes, or standard output fails. */
export async function untilInterrupted(): Promise<void> {
  const alive = setInterval(() => undefined, LONG);
  await firstValueFrom(interrupted({ say: 'ending' }));
  clearInterval(alive);
}
