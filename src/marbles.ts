// The entry point `rxrnn/marbles`: marble tests for uvu.
export { cases } from './record/cases.js';
export { compare, type SubscriptionFrames } from './record/compare.js';
export { diagram, type DiagramOptions, type Legend, type Message } from './record/diagram.js';
export { marbles } from './record/marbles.js';
