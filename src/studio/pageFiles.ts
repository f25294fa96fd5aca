import { existsSync, readFileSync } from 'node:fs';

/** The files of the page. */
export interface PageFiles {
  readonly html: string;
  readonly script: string;
  readonly style: string;
  /** What runs it all in one tab, without a server. */
  readonly worker: string;
}

/** What `page/build.mjs` gives. */
interface Build {
  buildPage(): Promise<PageFiles>;
}

/** The name of the built page beside the built package. */
const BUILT = 'studio.page.json';

let files: Promise<PageFiles> | undefined;

/** The page: from the built package, where this is part of it; else bundled now, from the sources, by esbuild. */
export function pageFiles(): Promise<PageFiles> {
  files ??= findFiles();
  return files;
}

async function findFiles(): Promise<PageFiles> {
  for (const place of ['./', '../', '../../'] as const) {
    const built = new URL(place + BUILT, import.meta.url);
    if (existsSync(built)) return JSON.parse(readFileSync(built, 'utf8')) as PageFiles;
  }
  const source = new URL('page/build.mjs', import.meta.url).href;
  const { buildPage } = (await import(source)) as Build;
  return buildPage();
}
