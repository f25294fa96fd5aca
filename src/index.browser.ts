// The entry point `rxrnn` in browsers: the public names that ask nothing of Node.
export * from './types.js';

export { visible, type VisibleOptions } from './check/visible.js';

export { bookmark, type Bookmark, type Place } from './flow/bookmark.js';
export { yielding } from './flow/yielding.js';
export { credit, type Credit, type CreditOptions } from './flow/credit.js';
export { type Demand, type Puller, requested, unlimited } from './flow/demand.js';
export { flat } from './flow/flat.js';
export { iterate } from './flow/iterate.js';
export { operator, type Stage } from './flow/operator.js';
export type { Cursor, Later, Pullable, Step } from './flow/openCursor.js';
export { pull } from './flow/pull.js';
export { concatMapBounded } from './flow/concatMapBounded.js';

export type { Random, RandomState } from './random/random.js';
export { numpyRandom, type NumpyRandom } from './random/numpyRandom.js';
export { seeded } from './random/seeded.js';
export { torchRandom, type TorchRandom, type TorchRandomOptions } from './random/torchRandom.js';

export type { Backend, BufferScope, CrossEntropyTerms, Kernel, Matrix, Nonlinearity, Repeat } from './kernel/kernel.js';

export { activation, type Activation, type ActivationOptions } from './layer/activation.js';
export type {
  CarriedState,
  Cell,
  CellContext,
  CellGradientContext,
  CellGradients,
  CellKind,
} from './layer/cellKind.js';
export { dropout, type DropoutOptions } from './layer/dropout.js';
export { embedding, type EmbeddingOptions } from './layer/embedding.js';
export { gru, type GruOptions } from './layer/gru.js';
export { gruCell, type GruCellOptions } from './layer/gruCell.js';
export type {
  ForwardOptions,
  GradientContext,
  Layer,
  LayerGradients,
  LayerInput,
  LayerTape,
  NumbersByName,
  Parameter,
  TapeContext,
} from './layer/layer.js';
export { linear, type LinearOptions } from './layer/linear.js';
export { lstm, type LstmOptions } from './layer/lstm.js';
export { lstmCell, type LstmCellOptions } from './layer/lstmCell.js';
export { type CellOptions, recurrent, type RecurrentForm, type RecurrentOptions } from './layer/recurrent.js';
export { rnn, type RnnOptions } from './layer/rnn.js';
export { rnnCell, type RnnCellOptions } from './layer/rnnCell.js';
export { uniform } from './layer/uniform.js';

export type { ModelOptions } from './model/allocateParameters.js';
export type { BackwardOptions, Model, Stepped, Tape, TapeForwardOptions } from './model/model.js';
export type { LayerMakers } from './model/buildModel.js';
export type { ParameterBlock } from './model/parameterBlock.js';
export { loadStateDict } from './model/loadStateDict.js';
export { seq2seq, type Seq2seq, type Seq2seqLayers, type Seq2seqOptions, type SourceOptions } from './model/seq2seq.js';
export { sequential, type SequentialOptions } from './model/sequential.js';
export { stateDict } from './model/stateDict.js';

export { adagrad, type AdagradOptions } from './learn/adagrad.js';
export { adam, type AdamOptions } from './learn/adam.js';
export { adamw } from './learn/adamw.js';
export { backpropagate } from './learn/backpropagate.js';
export { binaryCrossEntropy, type BinaryCrossEntropyOptions } from './learn/binaryCrossEntropy.js';
export { clipGradNorm, type ClipGradNormOptions } from './learn/clipGradNorm.js';
export { clipGradValue } from './learn/clipGradValue.js';
export { cosineDecay, type CosineDecayOptions } from './learn/cosineDecay.js';
export { countUnmasked } from './learn/countUnmasked.js';
export { crossEntropy, type CrossEntropyOptions } from './learn/crossEntropy.js';
export { earlyStop, type EarlyStopOptions } from './learn/earlyStop.js';
export { evaluate, type EvaluateOptions, type Evaluation, type LossEvaluation } from './learn/evaluate.js';
export { exponentialDecay, type ExponentialDecayOptions } from './learn/exponentialDecay.js';
export { gradients } from './learn/gradients.js';
export { hiddenState } from './learn/hiddenState.js';
export type { LearningRate, Schedule } from './learn/learningRate.js';
export { loss, type LossMeasure, type LossOptions } from './learn/loss.js';
export { losses } from './learn/losses.js';
export { optimize } from './learn/optimize.js';
export {
  optimizer,
  type Optimizer,
  type OptimizerRule,
  type OptimizerState,
  type OptimizerUpdate,
} from './learn/optimizer.js';
export { outputs } from './learn/outputs.js';
export { rmsprop, type RmspropOptions } from './learn/rmsprop.js';
export { scaleLoss } from './learn/scaleLoss.js';
export { sgd, type SgdOptions } from './learn/sgd.js';
export { squaredError } from './learn/squaredError.js';
export type { Differentiated, Scored, Unrolled } from './learn/stages.js';
export { stepDecay, type StepDecayOptions } from './learn/stepDecay.js';
export { train } from './learn/train.js';
export { trainer, type Trainer, type TrainingState, type TrainOptions } from './learn/trainer.js';
export { unroll, type UnrollOptions } from './learn/unroll.js';
export { type Figures, type HeldOut, validate, type ValidatedStep, type ValidateOptions } from './learn/validate.js';

export { adwin, type AdwinOptions } from './infer/adwin.js';
export type { Alarm } from './infer/alarm.js';
export { beamSearch, type BeamSearchOptions, type Hypothesis } from './infer/beamSearch.js';
export type { DecodeOptions } from './infer/decodeTokens.js';
export { type Generated, type GeneratedText, generateText, type GenerateTextOptions } from './infer/generateText.js';
export { greedyDecode, type GreedyDecodeOptions } from './infer/greedyDecode.js';
export type { Sampler, SamplingOptions } from './infer/makeSampler.js';
export { ngram, type NgramOptions } from './infer/ngram.js';
export { pageHinkley, type PageHinkleyOptions } from './infer/pageHinkley.js';
export { predictThenLearn, type PredictThenLearnOptions, type Progressive } from './infer/predictThenLearn.js';
export { sampleDecode, type SampleDecodeOptions } from './infer/sampleDecode.js';
export { sampler } from './infer/sampler.js';
export { sampleToken } from './infer/sampleToken.js';
export type { ReadFrom } from './infer/scorer.js';
export type { EvictionReason, Session } from './infer/sessionStore.js';
export { softmax } from './infer/softmax.js';
export { step, type Predicted, type StepOptions } from './infer/step.js';
export { surprisal, type SurprisalOptions } from './infer/surprisal.js';
export {
  type InvalidToken,
  type KeyedSurprisal,
  type KeyedToken,
  surprisalByKey,
  type SurprisalByKeyOptions,
} from './infer/surprisalByKey.js';
export type { Candidate, Surprisal } from './infer/surprisalOf.js';

export { type LoadedModel, readModel, type ReadModelOptions } from './format/readModel.js';
export { readSafetensors, type ReadSafetensorsOptions, type SafetensorsFile } from './format/readSafetensors.js';
export { SafetensorsError, type SafetensorsReason } from './format/SafetensorsError.js';

export { byteVocabulary } from './token/byteVocabulary.js';
export { decode } from './token/decode.js';
export { encode, type EncodeOptions } from './token/encode.js';
export { lanes } from './token/lanes.js';
export { oneHot } from './token/oneHot.js';
export { sequences, type SequencesOptions } from './token/sequences.js';
export { vocabulary, type VocabularyOptions } from './token/vocabulary.js';
export { type Vocabulary, vocabularyOf } from './token/vocabularyOf.js';
export { windows, type WindowsOptions } from './token/windows.js';
export { words } from './token/words.js';
