import { spawn } from 'node:child_process';
import { say } from '../cli/say.js';

/** Opens an address in the person's browser, if the system has a command for it; says nothing where it has none. */
export function openBrowser(url: string): void {
  const command = { darwin: 'open', win32: 'explorer.exe' }[process.platform as string] ?? 'xdg-open';
  const child = spawn(command, [url], { stdio: 'ignore', detached: true });
  child.on('error', () => say(`--open: there is no ${command}; open the address by hand`));
  child.unref();
}
