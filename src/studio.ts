// The entry point `rxrnn/studio`: a page on which a run is watched and steered.
export type {
  About,
  Action,
  Answer,
  Attention,
  ComparedRun,
  ControlsState,
  Gates,
  Lane,
  Matches,
  Pipeline,
  Points,
  Question,
  Sample,
  Series,
  TextReading,
  Topics,
} from './studio/messages.js';
export type { SeriesPoint } from './studio/seriesBook.js';
export { steering, type Steering, type SteeringOptions } from './studio/steering.js';
export { studio, type Studio, type StudioOptions } from './studio/studio.js';
export { studioTab } from './studio/studioTab.js';
