// The entry point `rxrnn/jetstream`: a bus on a NATS server, by the optional peers @nats-io.
export { jetstreamBus, type JetstreamBusOptions } from './jetstream/jetstreamBus.js';
