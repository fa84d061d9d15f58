// Training: the trainer, the supervised phase before it, recipes and the runs made of them.
export { type DistillOptions, type DistillStep, distill, type WorkedExample } from './distill.js'
export type { AccuracyAtLimit, ExampleAnswer, PhaseReport, RunEvent, StepMetrics } from './events.js'
export { GrpoTrainer, type TrainerStep } from './grpo-trainer.js'
export { type MemoryPlan, type ModelShape, type Plan, planOf, type StagePlan } from './plan.js'
export { type LoadedRecipe, loadRecipe, parseRecipe, type Recipe, recipeToYaml } from './recipe/recipe.js'
export { freeRunPath, type RunAbout, RunDirectory, type SampleRecord } from './run-directory.js'
export { type RunOptions, runRecipe } from './run-recipe.js'
export type { GrpoTrainerOptions } from './trainer-options.js'
