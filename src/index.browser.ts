// The entry point `rxrnn` in browsers: the public names that ask nothing of Node.
export * from './types.js';

export { nearestName } from './check/nearestName.js';
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
export { shuffle, type ShuffleOptions } from './flow/shuffle.js';
export { shuffleIterable, type ShuffleIterableOptions } from './flow/shuffleIterable.js';
export { concatMapBounded } from './flow/concatMapBounded.js';

export type { Random, RandomState } from './random/random.js';
export { numpyRandom, type NumpyRandom } from './random/numpyRandom.js';
export { seeded } from './random/seeded.js';
export { torchRandom, type TorchRandom, type TorchRandomOptions } from './random/torchRandom.js';

export type { KernelOptions } from './kernel/createKernel.js';
export type { Backend, BufferScope, CrossEntropyTerms, Kernel, Matrix, Nonlinearity, Repeat } from './kernel/kernel.js';

export { adaptiveSoftmax, type AdaptiveSoftmaxOptions } from './layer/adaptiveSoftmax.js';
export { activation, type Activation, type ActivationOptions } from './layer/activation.js';
export { attention, type AttentionOptions } from './layer/attention.js';
export type { AttentionScore } from './layer/score.js';
export { autoregression, type AutoregressionOptions } from './layer/autoregression.js';
export type {
  CarriedState,
  Cell,
  CellContext,
  CellGradientContext,
  CellGradients,
  CellKind,
  CellSizes,
  Sums,
  SumsContext,
  SumsGradientContext,
  SumsGradients,
} from './layer/cellKind.js';
export { dropout, type DropoutOptions } from './layer/dropout.js';
export { embedColumn, type EmbedColumnOptions } from './layer/embedColumn.js';
export { embedding, type EmbeddingOptions } from './layer/embedding.js';
export { ngramEmbedding, type NgramEmbeddingOptions } from './layer/ngramEmbedding.js';
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
export type { CellNorm } from './layer/layerNormLstmKind.js';
export { lstmCell, type LstmCellOptions } from './layer/lstmCell.js';
export { minGru, type MinGruOptions } from './layer/minGru.js';
export { minGruCell, type MinGruCellOptions } from './layer/minGruCell.js';
export { minLstm, type MinLstmOptions } from './layer/minLstm.js';
export { minLstmCell, type MinLstmCellOptions } from './layer/minLstmCell.js';
export { type CellOptions, recurrent, type RecurrentForm, type RecurrentOptions } from './layer/recurrent.js';
export { rgLru, type RgLruOptions } from './layer/rgLru.js';
export { rgLruCell, type RgLruCellOptions } from './layer/rgLruCell.js';
export { rnn, type RnnOptions } from './layer/rnn.js';
export { rnnCell, type RnnCellOptions } from './layer/rnnCell.js';
export { slstm, type SlstmOptions } from './layer/slstm.js';
export { slstmCell, type SlstmCellOptions } from './layer/slstmCell.js';
export type { Pool } from './layer/poolTape.js';
export { summary, type SummaryOptions } from './layer/summary.js';
export { uniform } from './layer/uniform.js';

export type { GradientRun, GradientRuns } from './model/gradientRuns.js';
export type { ModelOptions } from './model/allocateParameters.js';
export type { BackwardOptions, Model, Stepped, Tape, TapeForwardOptions } from './model/model.js';
export type { LayerMakers } from './model/buildModel.js';
export type { ParameterBlock } from './model/parameterBlock.js';
export { isSeq2seq } from './model/isSeq2seq.js';
export { growVocabulary, type GrowVocabularyOptions } from './model/growVocabulary.js';
export { loadStateDict, type LoadedStateDict, type LoadStateDictOptions } from './model/loadStateDict.js';
export { seq2seq, type Seq2seq, type Seq2seqLayers, type Seq2seqOptions, type SourceOptions } from './model/seq2seq.js';
export { sequential, type SequentialOptions } from './model/sequential.js';
export { stateDict } from './model/stateDict.js';

export { absoluteError } from './learn/absoluteError.js';
export { accuracy } from './learn/accuracy.js';
export { adadelta, type AdadeltaOptions } from './learn/adadelta.js';
export { adaptiveCrossEntropy, type AdaptiveCrossEntropyOptions } from './learn/adaptiveCrossEntropy.js';
export { adagrad, type AdagradOptions } from './learn/adagrad.js';
export { adam, type AdamOptions } from './learn/adam.js';
export { adamax, type AdamaxOptions } from './learn/adamax.js';
export { adamw } from './learn/adamw.js';
export { attentionWeights } from './learn/attentionWeights.js';
export { averaged, type Averaged, type AveragedOptions } from './learn/averaged.js';
export { backpropagate } from './learn/backpropagate.js';
export { binaryCrossEntropy, type BinaryCrossEntropyOptions } from './learn/binaryCrossEntropy.js';
export { clipGradNorm, type ClipGradNormOptions } from './learn/clipGradNorm.js';
export { clipGradValue } from './learn/clipGradValue.js';
export { confusion } from './learn/confusion.js';
export { cosineDecay, type CosineDecayOptions } from './learn/cosineDecay.js';
export { countUnmasked } from './learn/countUnmasked.js';
export { crossEntropy, type CrossEntropyOptions } from './learn/crossEntropy.js';
export { earlyStop, type EarlyStopOptions } from './learn/earlyStop.js';
export { keepBest, type KeepBestOptions } from './learn/keepBest.js';
export { type Epoch, epochs, type EpochsOptions } from './learn/epochs.js';
export {
  evaluate,
  type EvaluateOptions,
  type Evaluation,
  type FiguresOf,
  type LossEvaluation,
  type Measured,
  type Measures,
  type NoMeasures,
} from './learn/evaluate.js';
export { exponentialDecay, type ExponentialDecayOptions } from './learn/exponentialDecay.js';
export { gaussianNll, type GaussianNllOptions } from './learn/gaussianNll.js';
export { gradients } from './learn/gradients.js';
export { hiddenState } from './learn/hiddenState.js';
export { huber, type HuberOptions } from './learn/huber.js';
export type { LearningRate, Schedule } from './learn/learningRate.js';
export { lion, type LionOptions } from './learn/lion.js';
export { type Head, jointLoss } from './learn/jointLoss.js';
export { loss, type LossMeasure, type LossOptions } from './learn/loss.js';
export { losses } from './learn/losses.js';
export { meanAbsoluteError } from './learn/meanAbsoluteError.js';
export { measure, type ScoredTarget } from './learn/measure.js';
export { nadam, type NadamOptions } from './learn/nadam.js';
export { ofHead } from './learn/ofHead.js';
export { optimize } from './learn/optimize.js';
export { optimizer, type Optimizer, type OptimizerState } from './learn/optimizer.js';
export type { AdamConstants } from './learn/adamChecks.js';
export type { DecayConstants } from './learn/decayOf.js';
export type { CommonOptions, ParameterGroup, WithGroups } from './learn/groupedOptimizer.js';
export type { ParameterNames } from './learn/parameterGroups.js';
export type { Trainable } from './learn/learnedShapes.js';
export type { OptimizerGroup, OptimizerRule, OptimizerUpdate } from './learn/optimizerRule.js';
export { outputs } from './learn/outputs.js';
export { quantileLoss, type QuantileLossOptions } from './learn/quantileLoss.js';
export { ranks } from './learn/ranks.js';
export { radam, type RadamOptions } from './learn/radam.js';
export { rmsprop, type RmspropOptions } from './learn/rmsprop.js';
export { rootMeanSquaredError } from './learn/rootMeanSquaredError.js';
export { scaleLoss } from './learn/scaleLoss.js';
export { rprop, type RpropOptions } from './learn/rprop.js';
export { scheduleFreeAdamw, type ScheduleFreeAdamwOptions } from './learn/scheduleFreeAdamw.js';
export type { ScheduleFreeOptions } from './learn/scheduleFree.js';
export { scheduleFreeSgd, type ScheduleFreeSgdOptions } from './learn/scheduleFreeSgd.js';
export { sgd, type SgdOptions } from './learn/sgd.js';
export { squaredError } from './learn/squaredError.js';
export type { Differentiated, Scored, ScoredHead, Unrolled } from './learn/stages.js';
export { stepDecay, type StepDecayOptions } from './learn/stepDecay.js';
export { topK } from './learn/topK.js';
export { train } from './learn/train.js';
export { trainer, type Trainer, type TrainOptions } from './learn/trainer.js';
export type { TrainingState } from './learn/trainingState.js';
export type { WeightedLossOptions } from './learn/weighted.js';
export { unroll, type UnrollOptions } from './learn/unroll.js';
export {
  type Figures,
  type HeldOut,
  validate,
  type Validated,
  type ValidatedStep,
  type ValidateOptions,
} from './learn/validate.js';

export { adwin, type AdwinOptions } from './infer/adwin.js';
export type { Alarm } from './infer/alarm.js';
export { type AnomalyLikelihood, anomalyLikelihood, type AnomalyLikelihoodOptions } from './infer/anomalyLikelihood.js';
export { beamSearch, type BeamSearchOptions, type Hypothesis } from './infer/beamSearch.js';
export { type Classified, classify, type ClassifyOptions } from './infer/classify.js';
export type { DecodeOptions } from './infer/decodeTokens.js';
export { type Forecast, forecast, type ForecastOptions } from './infer/forecast.js';
export type { Generated, GeneratedText } from './infer/generated.js';
export {
  generateByKey,
  type GenerateByKeyOptions,
  type InvalidRequest,
  type KeyedGenerated,
} from './infer/generateByKey.js';
export type { GenerationRequest } from './infer/startGeneration.js';
export { generateText, type GenerateTextOptions } from './infer/generateText.js';
export { greedyDecode, type GreedyDecodeOptions } from './infer/greedyDecode.js';
export type { Sampler, SamplingOptions } from './infer/makeSampler.js';
export { type Forecasts, mix, type Mixed, type MixOptions } from './infer/mix.js';
export { ngram, type NgramOptions } from './infer/ngram.js';
export { pageHinkley } from './infer/pageHinkley.js';
export {
  type PageHinkleyOptions,
  type PageHinkleyState,
  pageHinkleyTest,
  type PageHinkleyTest,
  type PageHinkleyTestOptions,
} from './infer/pageHinkleyTest.js';
export type { Expected, RowHead } from './infer/rowHead.js';
export { predictThenLearn, type PredictThenLearnOptions, type Progressive } from './infer/predictThenLearn.js';
export {
  type InvalidRowOfKey,
  type KeyedProgressive,
  type KeyedProgressiveRow,
  type KeyedRow,
  predictThenLearnByKey,
  type PredictThenLearnByKeyOptions,
  type PredictThenLearnRowsByKeyOptions,
} from './infer/predictThenLearnByKey.js';
export type { InvalidSeriesRow, PredictThenLearnRowsOptions, ProgressiveRow } from './infer/predictThenLearnRows.js';
export { sampleDecode, type SampleDecodeOptions } from './infer/sampleDecode.js';
export { sampler } from './infer/sampler.js';
export { sampleToken } from './infer/sampleToken.js';
export type { ReadFrom } from './infer/scorer.js';
export type { Session } from './infer/checkSession.js';
export { sessionBytes, type SessionBytes } from './infer/sessionBytes.js';
export type { EvictionReason } from './infer/sessionStore.js';
export { softmax } from './infer/softmax.js';
export { medianBefore, type MedianBeforeOptions } from './infer/medianBefore.js';
export { tailSurprisal, type TailSurprisalOptions } from './infer/tailSurprisal.js';
export { step, type Predicted, type StepOptions } from './infer/step.js';
export { surprisal, type SurprisalOptions } from './infer/surprisal.js';
export {
  type InvalidToken,
  type KeyedSurprisal,
  type KeyedToken,
  surprisalByKey,
  type SurprisalByKeyOptions,
} from './infer/surprisalByKey.js';
export {
  type InvalidSequence,
  type SequenceSurprisal,
  surprisalBySequence,
  type SurprisalBySequenceOptions,
} from './infer/surprisalBySequence.js';
export type { Candidate, Surprisal } from './infer/surprisalOf.js';

export type { SaveModelOptions } from './format/encodeModel.js';
export { modelBytes } from './format/modelBytes.js';
export { type LoadedModel, readModel, type ReadModelOptions } from './format/readModel.js';
export { readSafetensors, type ReadSafetensorsOptions, type SafetensorsFile } from './format/readSafetensors.js';
export { SafetensorsError, type SafetensorsReason } from './format/SafetensorsError.js';

export { type Burst, burst, type BurstOptions, type TimedEvent } from './log/burst.js';
export { quantileThreshold, type QuantileThresholdOptions, type Rare } from './log/quantileThreshold.js';
export { type Compressor, compressor } from './log/compressor.js';
export { type Decompressor, decompressor } from './log/decompressor.js';
export { drain, type MinedLine } from './log/drain.js';
export { lineScorer, type LineScorerOptions } from './log/lineScorer.js';
export { surprisalByLine, type SurprisalByLineOptions } from './log/surprisalByLine.js';
export type { LineAlarm, LineScore, LineScorer, ScoreParts, StrangePart, Why } from './log/lineScore.js';
export type { LineParts, LogFormat, LogLine, LogRecord, Severity } from './log/logRecord.js';
export { logRecords } from './log/logRecords.js';
export type { ParameterKind } from './log/maskToken.js';
export type { TemplateMinerState } from './log/parseMinerState.js';
export {
  type RecordReader,
  recordReader,
  type RecordReaderOptions,
  type RecordReaderState,
} from './log/recordReader.js';
export {
  type TemplateMatch,
  type TemplateMiner,
  templateMiner,
  type TemplateMinerOptions,
} from './log/templateMiner.js';

export { columns, type ColumnsOptions, type TableRow } from './series/columns.js';
export { decimalNumber, type DecimalNumberOptions } from './series/decimalNumber.js';
export { leastSquares, type LeastSquaresOptions, type LinearMap } from './series/leastSquares.js';
export { scale } from './series/scale.js';
export { scaling, type ScalingOptions } from './series/scaling.js';
export { type Scaling, type ScalingNumbers, scalingOf } from './series/scalingOf.js';
export { seriesWindows, type SeriesWindowsOptions } from './series/seriesWindows.js';
export type { SeriesRow } from './series/checkRow.js';

export { byteVocabulary } from './token/byteVocabulary.js';
export { decode } from './token/decode.js';
export { encode, type EncodeOptions } from './token/encode.js';
export { labelled, type LabelledOptions, type LabelledSequence } from './token/labelled.js';
export { lanes } from './token/lanes.js';
export { oneHot } from './token/oneHot.js';
export type { Sequence } from './token/padSequences.js';
export { sequences, type SequencesOptions } from './token/sequences.js';
export { vocabulary, type VocabularyOptions } from './token/vocabulary.js';
export { type Vocabulary, vocabularyOf } from './token/vocabularyOf.js';
export { windows, type WindowsOptions } from './token/windows.js';
export { words } from './token/words.js';
