// What the supervised phase before reinforcement learning need not be told, in a recipe and in a program.
export const distillDefaults = {
  warmupSteps: 0,
  cooldownSteps: 0,
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradNorm: 1,
}
