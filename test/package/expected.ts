/** What program.txt prints, wherever it runs. */
export const EXPECTED = 'true true  world. hell\ntrue signDescent true\n';

/** What entries.txt prints, with a server of NATS and without one. */
export const ENTRIES = `streams ab ab ab [ 1 ] d
onnx true true true
bus ann1,ann2,bob1 true ann1,ann2,bob1 true
jetstream jetstreamBus: nats://127.0.0.1:1
marbles -a-b|
recording undefined
studio 3 200 5
`;
