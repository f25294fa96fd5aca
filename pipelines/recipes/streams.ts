// Lines through gzip of Node and a Web Stream, such as the body of a Response, no faster than they are read.
import { createGunzip, createGzip } from 'node:zlib';
import { firstValueFrom } from 'rxjs';
import { credit, pull } from 'rxrnn';
import { fromWebStream, throughNodeStream, toWebStream } from 'rxrnn/streams';

let made = 0;
function* lines() {
  for (;;) yield `reading ${made++}\n`;
}
const [written, packed, unpacked] = [credit(), credit(), credit()]; // of each asynchronous stage
const gzip$ = throughNodeStream(pull(lines, written), () => createGzip(), { credit: written, demand: packed });
const text$ = throughNodeStream(gzip$, () => createGunzip(), { credit: packed, demand: unpacked });
const body = toWebStream(text$, { credit: unpacked });

const first = await firstValueFrom(fromWebStream(body));
console.log(new TextDecoder().decode(first).split('\n', 2).join(', ')); // -> reading 0, reading 1
