// The bundle in Chromium; counted as skipped where there is none.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findChromium } from './findChromium.js';
import { program } from './program.js';

const executablePath = findChromium();
const inChromium = executablePath ? test : test.skip;

inChromium(
  'a page learns, records, reads a model, writes, and codes and scores a log, with the same bits as here',
  async () => {
    const model = readFileSync(new URL('../../data/models/names.safetensors', import.meta.url));
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL('program.ts', import.meta.url))],
      bundle: true,
      platform: 'browser',
      format: 'iife',
      globalName: 'rxrnn',
      write: false,
      logLevel: 'silent',
    });
    const browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      await page.addScriptTag({ content: outputFiles[0]!.text });
      const there = await page.evaluate(`rxrnn.program(Uint8Array.from(${JSON.stringify([...model])}))`);
      assert.is(there, await program(model));
      assert.ok((JSON.parse(there as string) as { readonly decoded: boolean }).decoded);
    } finally {
      await browser.close();
    }
  },
);

test.run();
