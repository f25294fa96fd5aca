import { join } from 'node:path';
import { string } from '../check/string.js';
import { makeFolder } from '../checkpoint/makeFolder.js';
import { writeFileAtomic } from '../checkpoint/writeFileAtomic.js';
import { pageFiles, pageWorker } from './pageFiles.js';

/** Where its parts may come from: beside the page alone. A worker has a policy of its own, or none. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; worker-src 'self'; connect-src 'self'; " +
  "img-src data:; base-uri 'none'; form-action 'none'";

/** Said where the script does not come to clear it. */
const NO_SERVER = 'This page begins on a web server only: opened as a file, it cannot load its parts.';

/**
 * Writes the studio as a folder for any web server, which then runs in one tab of a browser: network, page and controls,
 * without a program of Node. It learns `lines`, or lines that a person gives on the page, which go nowhere.
 *
 * The folder has `index.html`, `page.js`, `page.css`, `worker.js` and `lines.txt`, each written whole or not at all. An
 * Error names what cannot be written.
 *
 * ```ts
 * import { readdirSync } from 'node:fs';
 * import { studioTab } from 'rxrnn/studio';
 *
 * await studioTab('tab', ['ada', 'bob', 'eve']);
 * console.log(readdirSync('tab').join(' ')); // -> index.html lines.txt page.css page.js worker.js
 * ```
 */
export async function studioTab(folder: string, lines: readonly string[] = []): Promise<void> {
  string('studioTab', 'folder', folder);
  const [{ html, script, style }, worker] = await Promise.all([pageFiles(), pageWorker()]);
  makeFolder(folder);
  const files = {
    'index.html': html
      .replace('<html ', '<html data-worker ')
      .replace(/<meta name="policy"[^>]*>/, `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`)
      .replace('<p id="connection" role="status">', (opening) => `${opening}<span class="late">${NO_SERVER}</span>`)
      .replaceAll('"/page.', '"page.'),
    'page.js': script,
    'page.css': style,
    'worker.js': worker,
    'lines.txt': lines.map((line) => `${line}\n`).join(''),
  };
  const encoder = new TextEncoder();
  for (const [name, text] of Object.entries(files))
    writeFileAtomic(join(folder, name), encoder.encode(text), 'studioTab');
}
