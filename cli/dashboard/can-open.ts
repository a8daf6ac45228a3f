/** Whether there is a terminal to draw on. Loads nothing of the screen: every start asks. Pure but for its arguments. */
interface Environment {
  readonly [name: string]: string | undefined
}

const isSet = (value: string | undefined): boolean =>
  value !== undefined && !['', '0', 'false'].includes(value)

export const canOpenScreen = (
  { stdin, stdout }: { stdin: { isTTY?: boolean }; stdout: { isTTY?: boolean } },
  environment: Environment,
): boolean =>
  stdin.isTTY === true &&
  stdout.isTTY === true &&
  !isSet(environment['CI']) &&
  !isSet(environment['CONTINUOUS_INTEGRATION']) &&
  environment['TERM'] !== 'dumb'
