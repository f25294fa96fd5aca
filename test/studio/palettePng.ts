import { crc32, deflateSync } from 'node:zlib';
import type { Page } from 'playwright-core';

/** Colours of a palette. */
const MOST = 256;

/**
 * Encodes a picture again as a PNG of 256 colours, a third of the size: those that are frequent or far from the others, and
 * in the place of each other one the nearest. `page` is a blank page that reads the picture.
 */
export async function palettePng(page: Page, png: Buffer): Promise<Buffer> {
  const { width, height, rgba } = await pixelsOf(page, png);
  const counts = new Map<number, number>();
  const colours = Uint32Array.from({ length: width * height }, (_, i) => rgba.readUIntBE(4 * i, 3));
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const palette = paletteOf(counts);
  const nearest = new Map(
    Array.from(counts.keys(), (colour) => {
      const distances = palette.map((other) => distance(colour, other));
      return [colour, distances.indexOf(Math.min(...distances))];
    }),
  );
  const rows = Buffer.alloc(height * (width + 1)); // each begins with 0: its numbers are as they are
  for (const [i, colour] of colours.entries()) {
    rows[Math.floor(i / width) * (width + 1) + 1 + (i % width)] = nearest.get(colour)!;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8); // bits of a number, which is the place of a colour in the palette
  return Buffer.concat([
    Buffer.from('\u0089PNG\r\n\u001A\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap(partsOf))),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

async function pixelsOf(page: Page, png: Buffer): Promise<{ width: number; height: number; rgba: Buffer }> {
  const { width, height, text } = await page.evaluate<{ width: number; height: number; text: string }>(
    `(async () => {
      const image = new Image();
      image.src = 'data:image/png;base64,${png.toString('base64')}';
      await image.decode();
      const { width, height } = image;
      const context = new OffscreenCanvas(width, height).getContext('2d');
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, width, height);
      let text = '';
      for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192));
      return { width, height, text: btoa(text) };
    })()`, // a program of the page, whose types are not those of tests
  );
  return { width, height, rgba: Buffer.from(text, 'base64') };
}

function paletteOf(counts: ReadonlyMap<number, number>): number[] {
  const palette: number[] = [];
  const left = Array.from(counts, ([colour, count]) => ({ colour, weight: Math.sqrt(count), far: 1e6 }));
  while (palette.length < Math.min(MOST, left.length)) {
    const next = left.reduce((best, one) => (one.far * one.weight > best.far * best.weight ? one : best)).colour;
    palette.push(next);
    for (const one of left) one.far = Math.min(one.far, distance(one.colour, next));
  }
  return palette;
}

function distance(a: number, b: number): number {
  const [first, second] = [partsOf(a), partsOf(b)];
  return first.reduce((sum, part, i) => sum + (part - second[i]!) ** 2, 0);
}

function partsOf(colour: number): [red: number, green: number, blue: number] {
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}

function chunk(type: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, sum]);
}
