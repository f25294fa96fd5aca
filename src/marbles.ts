// The entry point `rxrnn/marbles`: marble tests for uvu and other runners.
export { cases, type Cases, type CasesTest } from './record/cases.js';
export { compare, type SubscriptionFrames } from './record/compare.js';
export { diagram, type DiagramOptions, type Legend, type Message } from './record/diagram.js';
export { marbles, type Marbles, type MarbleTest, type RegisterTest } from './record/marbles.js';
