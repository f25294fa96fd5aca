import type { AnnouncedModel } from './announceModel.js';
import type { Blobs } from './bus.js';
import type { Pipeline, PipelineStage } from './pipeline.js';

/** A stage while a partition uses it. */
export interface OpenStage<S> {
  readonly stage: PipelineStage<S>;
  /** Says that the partition does not need it any more; it is closed after the last one has. */
  release(): void;
}

/** The stages of a pipeline that are open. */
export interface PipelineStages<S> {
  /** The stage of a model: one for all partitions, or where each has a state of its own, a new one. */
  open(model: AnnouncedModel | undefined, partition: number): Promise<OpenStage<S>>;
  /** Sees whether the pipeline can be opened for a model; throws what it throws. */
  check(model: Uint8Array): void;
}

/** A stage that partitions share. */
interface SharedStage<S> {
  readonly stage: Promise<PipelineStage<S>>;
  users: number;
}

/** Opens a pipeline per model; `failed` hears of a model that it cannot be opened for. */
export function pipelineStages<S>(
  blobs: Blobs,
  pipeline: Pipeline<S>,
  failed: (error: unknown) => void,
): PipelineStages<S> {
  const perPartition = pipeline.scope === 'partition';
  const shared = new Map<number, SharedStage<S>>(); // by epoch
  const models = new Map<string, Promise<Uint8Array>>();

  function bytesOf(hash: string): Promise<Uint8Array> {
    let bytes = models.get(hash);
    if (!bytes) {
      models.clear(); // partitions that are at an older model read it again
      models.set(hash, (bytes = blobs.get(hash)));
      bytes.catch(() => models.delete(hash));
    }
    return bytes;
  }
  async function make(model: AnnouncedModel | undefined, partition: number | undefined): Promise<PipelineStage<S>> {
    const bytes = model && (await bytesOf(model.hash));
    try {
      return pipeline.open({ model: bytes, epoch: model?.epoch ?? 0, partition });
    } catch (error) {
      failed(error);
      throw error;
    }
  }

  return {
    async open(model, partition) {
      if (perPartition) {
        const stage = await make(model, partition);
        return { stage, release: () => stage.close?.() };
      }
      const epoch = model?.epoch ?? 0;
      const own = shared.get(epoch) ?? { stage: make(model, undefined), users: 0 };
      shared.set(epoch, own);
      own.users += 1;
      try {
        const stage = await own.stage;
        return {
          stage,
          release() {
            own.users -= 1;
            if (own.users > 0) return;
            shared.delete(epoch);
            stage.close?.();
          },
        };
      } catch (error) {
        if (shared.get(epoch) === own) shared.delete(epoch); // so that it is tried again
        throw error;
      }
    },
    check(model) {
      pipeline.open({ model, epoch: 0, partition: perPartition ? 0 : undefined }).close?.();
    },
  };
}
