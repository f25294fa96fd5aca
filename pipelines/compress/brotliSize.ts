import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

const MOST = 0x1000000; // bytes: a few seconds of work
const WINDOW = 24; // bits, the largest

/** How many bytes brotli makes of a file at its best, to compare with; undefined for files of more than 16 MiB. */
export async function brotliSize(path: string): Promise<number | undefined> {
  const { size } = await stat(path);
  if (size > MOST) return undefined;
  const { BROTLI_PARAM_QUALITY, BROTLI_MAX_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = constants;
  const params = {
    [BROTLI_PARAM_QUALITY]: BROTLI_MAX_QUALITY,
    [BROTLI_PARAM_LGWIN]: WINDOW,
    [BROTLI_PARAM_SIZE_HINT]: size,
  };
  return (await promisify(brotliCompress)(await readFile(path), { params })).length;
}
