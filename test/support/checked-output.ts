/** Holds what a command printed with `--json` against the schemas that `vex schema` shows. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { COMMAND_OUTPUTS, ERROR_TOPIC, outputSchema } from '../../cli/schemas/outputs.ts'

const ajv = new Ajv2020({ strict: false, allErrors: false, verbose: false })
const compiled = new Map<string, ValidateFunction>()

const validatorOf = (path: string): ValidateFunction => {
  const known = compiled.get(path)
  if (known !== undefined) return known
  const made = ajv.compile(outputSchema(path) as object)
  compiled.set(path, made)
  return made
}

/** `stake delegate` of the words that were typed; `undefined` for help, the version and mistyped commands. */
const commandOf = ([first = '', second = '']: readonly string[]): string | undefined =>
  [`${first} ${second}`, first].find(path => COMMAND_OUTPUTS.has(path))

const documentsIn = (text: string): unknown[] =>
  text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as unknown)

const check = (path: string, document: unknown): void => {
  const validate = validatorOf(path)
  if (validate(document)) return
  const problem = ajv.errorsText(validate.errors, { separator: '\n' })
  throw new Error(
    `what "${path}" prints is not what its schema says:\n${problem}\n${JSON.stringify(document)}`,
  )
}

/** Throws for a document that its command's schema does not know. A line that was cut off by a signal is left out. */
export const checkOutput = (
  args: readonly string[],
  { exitCode, stdout, stderr }: { exitCode: number | null; stdout: string; stderr: string },
): void => {
  const command = commandOf(args)
  if (!args.includes('--json') || args.includes('--help') || command === undefined) return
  const whole = stdout.slice(0, stdout.lastIndexOf('\n') + 1)
  const documents = documentsIn(whole)
  for (const document of documents) check(command, document)
  const isStream = COMMAND_OUTPUTS.get(command)?.isStream === true
  if (exitCode === 0 && !isStream && documents.length !== 1)
    throw new Error(`"${command}" prints one document, not ${documents.length}`)
  if (exitCode === null || exitCode === 0) return
  const last = stderr.trimEnd().split('\n').at(-1) ?? ''
  // What runs until it is stopped logs there as well.
  if (isStream && !last.startsWith('{"error"')) return
  check(ERROR_TOPIC, JSON.parse(last))
}
