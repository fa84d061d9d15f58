// Training: the trainer, the supervised phase before it, recipes and the runs made of them.

export type { KeeperOptions } from './checkpoint/keeper-options.js'
export { RunKeeper } from './checkpoint/run-keeper.js'
export { type DistillOptions, type DistillStep, distill, type WorkedExample } from './distill.js'
export type { AccuracyAtLimit, ExampleAnswer, PhaseReport, RunEvent, SetAccuracy, StepMetrics } from './events.js'
export { GrpoTrainer, type TrainerStep, type TrainOptions } from './grpo-trainer.js'
export {
  type Guard,
  type GuardMetrics,
  type GuardOptions,
  type GuardState,
  type GuardStep,
  makeGuard,
} from './guard/index.js'
export type { ModelShape } from './model-shape.js'
export type { MemoryPlan } from './plan/memory.js'
export { type Plan, planOf, type StagePlan } from './plan/plan.js'
export { planRecipe } from './plan/plan-recipe.js'
export { type PlanRequest, planRun, type RunPlan } from './plan/plan-run.js'
export { type LoadedRecipe, loadRecipe, parseRecipe, type Recipe, recipeToYaml } from './recipe/recipe.js'
export { type RehearsalParts, rehearse, type StageRehearsal } from './rehearsal/rehearse.js'
export type { RehearsalOptions } from './rehearsal/settings.js'
export { freeRunPath, type RunAbout, RunDirectory } from './run/run-directory.js'
export { type RunOptions, type RunSignals, resumeRun, runRecipe } from './run/run-recipe.js'
export { answerHash, type SampleRecord } from './run/sample-record.js'
export * from './sft/index.js'
export type { GrpoTrainerOptions } from './trainer-options.js'
