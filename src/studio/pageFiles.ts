import { existsSync, readFileSync } from 'node:fs';

/** The files of the page. */
export interface PageFiles {
  readonly html: string;
  readonly script: string;
  readonly style: string;
}

/** What `page/build.mjs` gives. */
interface Build {
  buildPage(): Promise<PageFiles>;
  buildWorker(): Promise<string>;
}

/** Names of the page and of its worker beside the built package. */
const [PAGE, WORKER] = ['studio.page.json', 'studio.worker.js'] as const;

let files: Promise<PageFiles> | undefined;

/** The page: from the built package, where this is part of it; else bundled at the first call, from the sources. */
export function pageFiles(): Promise<PageFiles> {
  files ??= findFiles();
  return files;
}

/** The script that runs a page in one tab, without a server. */
export async function pageWorker(): Promise<string> {
  return built(WORKER) ?? (await sources()).buildWorker();
}

async function findFiles(): Promise<PageFiles> {
  const page = built(PAGE);
  return page === undefined ? (await sources()).buildPage() : (JSON.parse(page) as PageFiles);
}

function built(name: string): string | undefined {
  for (const place of ['./', '../', '../../'] as const) {
    const found = new URL(place + name, import.meta.url);
    if (existsSync(found)) return readFileSync(found, 'utf8');
  }
  return undefined;
}

async function sources(): Promise<Build> {
  const source = new URL('page/build.mjs', import.meta.url).href;
  return (await import(source)) as Build;
}
