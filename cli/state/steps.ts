import { setImmediate } from 'node:timers/promises'

/**
 * Takes all steps of long work, and gives its result. Between two steps the event loop turns: what the database has
 * read or written in one is only freed then.
 */
export const takeSteps = async <Step, Result>(
  steps: Generator<Step, Result>,
  onStep: (step: Step) => void,
): Promise<Result> => {
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
    onStep(value)
    await setImmediate()
  }
}
