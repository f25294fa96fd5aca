import { createHash } from 'node:crypto';
import type { Board } from './board.js';
import { inlineJson } from './inlineJson.js';
import type { PageFiles } from './pageFiles.js';
import { shownTopics } from './shownTopics.js';

/**
 * Writes a run as one HTML file that needs no network and no server: the page, with what it showed last. Its own policy
 * allows the script and the style that it carries, by their digests, and nothing else.
 */
export function exportText(board: Board, { html, script, style }: PageFiles): string {
  const shown = shownTopics(board);
  const { about } = shown;
  const data = inlineJson({
    ...shown,
    ...(about && { about: { ...about, steers: false } }),
    ended: { reason: 'This page is a copy that was saved; it shows the run as it was.' },
  });
  // what an HTML parser could take for a tag is escaped, as in the data
  const code = script.replaceAll(/<(?=\/script|!--)/gi, String.raw`\x3c`);
  const policy =
    `default-src 'none'; script-src '${digest(code)}'; style-src '${digest(style)}'; img-src data:; ` +
    `base-uri 'none'; form-action 'none'`;
  return html
    .replace(/<meta name="policy"[^>]*>/, () => `<meta http-equiv="Content-Security-Policy" content="${policy}">`)
    .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${style}</style>`)
    .replace(
      /<script type="module"[^>]*><\/script>/,
      () => `<script type="application/json" id="saved">${data}</script>\n<script type="module">${code}</script>`,
    );
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
