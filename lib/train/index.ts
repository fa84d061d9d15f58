// Training: the trainer, the supervised phase before it, recipes and the runs made of them.

export { CheckpointError, type FoundCheckpoint } from './checkpoint/checkpoint-store.js'
export type { Damage, LoadedCheckpoint, StoredTensor } from './checkpoint/content.js'
export type { KeeperOptions } from './checkpoint/keeper-options.js'
export type { Rollback } from './checkpoint/rollback.js'
export { type ResumedRun, RunKeeper } from './checkpoint/run-keeper.js'
export { type DistillOptions, type DistillStep, distill, type WorkedExample } from './distill.js'
export type { AdaptiveEntropy } from './entropy-weight.js'
export type { AccuracyAtLimit, ExampleAnswer, PhaseReport, RunEvent, SetAccuracy, StepMetrics } from './events.js'
export { GrpoTrainer, GuardError, type TrainerStep, type TrainOptions } from './grpo-trainer.js'
export {
  type AnswerShares,
  type Change as GuardChange,
  defaultThresholds as defaultGuardThresholds,
  type Episode as GuardEpisode,
  type Finding as GuardFinding,
  type FindingKind as GuardFindingKind,
  type Guard,
  type GuardMetrics,
  type GuardOptions,
  type GuardState,
  type GuardStep,
  makeGuard,
  type NotedSign as GuardSign,
  type Persistence as GuardPersistence,
  type Severity as GuardSeverity,
  type Thresholds as GuardThresholds,
  type WatchedMetric,
} from './guard/index.js'
export type { ModelShape } from './model-shape.js'
export type { OverlongPenalty } from './overlong.js'
export type { Calibration } from './plan/calibration/calibration.js'
export type { Case as PhaseCase, PhaseEstimate } from './plan/estimate.js'
export type { Expectation as PlanExpectation, Stated as StatedLengths } from './plan/expectation.js'
export type { Excess as MemoryExcess, Proposal as PlanProposal } from './plan/fit.js'
export { type Hardware, parseHardware } from './plan/hardware/parse.js'
export { defaultUtilisation, type Utilisation } from './plan/hardware/rates.js'
export { type Gpu, gpus } from './plan/hardware/table.js'
export type { MemoryLayout } from './plan/layout.js'
export type { Lengths as AnswerLengths } from './plan/lengths.js'
export type { MemoryPlan } from './plan/memory.js'
export { type Plan, planOf, type StagePlan } from './plan/plan.js'
export { planRecipe } from './plan/plan-recipe.js'
export { type PlanRequest, planRun, type RunPlan } from './plan/plan-run.js'
export type { Gap as PublishedGap, GapTerm as PublishedGapTerm } from './plan/published/gap.js'
export type { PublishedRun, PublishedStage } from './plan/published/published-run.js'
export type { Seconds as PhaseSeconds } from './plan/rates.js'
export {
  type LoadedRecipe,
  loadRecipe,
  parseRecipe,
  type Recipe,
  type RecipeOptions,
  recipeToYaml,
} from './recipe/recipe.js'
export type { RewardCode } from './recipe-rewards.js'
export { type RehearsalParts, rehearse, type StageRehearsal } from './rehearsal/rehearse.js'
export type { RehearsalOptions } from './rehearsal/settings.js'
export { freeRunPath, type RunAbout, RunDirectory } from './run/run-directory.js'
export { type ResumeOptions, type RunOptions, type RunSignals, resumeRun, runRecipe } from './run/run-recipe.js'
export { answerHash, type SampleRecord } from './run/sample-record.js'
export * from './sft/index.js'
export type { GrpoTrainerOptions } from './trainer-options.js'
export type { Companion } from './trainer-state.js'
