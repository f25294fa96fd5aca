// Sessions that are unlike the normal ones: learns the next event, and ranks what came among what might have come.
import { from, lastValueFrom, map, toArray } from 'rxjs';
import { adam, epochs, linear, lstm, pull, seeded, sequences, sequential, shuffleIterable } from 'rxrnn';
import { surprisalBySequence, train, unlimited, yielding } from 'rxrnn';

const events = ['end', 'open', 'read', 'write', 'close', 'fail'];
const tokens = (session: string) => session.split(' ').map((event) => events.indexOf(event));
const normal = ['open read close', 'open write close', 'open read read close', 'open read write close'].map(tokens);

const model = sequential({
  lstm: lstm({ inputSize: events.length, hiddenSize: 16 }),
  linear: linear({ inputSize: 16, outputSize: events.length }),
});
const order = { size: normal.length, random: seeded(1) };
const passes$ = pull(() => shuffleIterable(normal, order), yielding(unlimited)).pipe(
  sequences({ end: 0, lanes: 4 }),
  epochs(train(model, { optimizer: adam({ learningRate: 0.02 }) }), { count: 150 }),
);
await lastValueFrom(passes$);

const scored$ = from(['open read close', 'open read', 'read open close', 'open write fail']).pipe(
  surprisalBySequence(model, { end: 0, lanes: 4, sequence: tokens }),
  map(({ item, surprisals }) => `${item}: rank ${surprisals.reduce((most, { rank }) => Math.max(most, rank), 0)}`),
  toArray(),
);
for (const line of await lastValueFrom(scored$)) console.log(line);
// -> open read close: rank 1
// -> open read: rank 5
// -> read open close: rank 4
// -> open write fail: rank 5
