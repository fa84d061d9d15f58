// What the steps of a stage run under: the run's own settings with the stage's over them.
import type { Stage, StageSettings } from '../schedule/context-schedule.js'
import { stageSettingNames } from '../schedule/stage.js'

/** Those of the run that a stage can have of its own, as they are in this stage. */
export function settingsOf<Run extends StageSettings>(
  stage: Stage,
  run: Run,
): Pick<Run, keyof StageSettings & keyof Run> {
  const settings = stageSettingNames.map((key) => [key, stage[key] ?? run[key]] as const)
  return Object.fromEntries(settings) as Pick<Run, keyof StageSettings & keyof Run>
}
