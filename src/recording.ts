// The entry point `rxrnn/recording`: runs that are kept, read and replayed.
export { gap } from './record/gap.js';
