/** What a check of `vex doctor` found: one line, and the command that repairs it. */
export interface Finding {
  readonly check: string
  /** `note`: worth knowing, nothing to repair. */
  readonly status: 'ok' | 'note' | 'wrong'
  readonly message: string
  readonly repair?: string | undefined
}

/** A fault that knows its repair. */
export class Wrong extends Error {
  readonly repair: string
  constructor(message: string, repair: string) {
    super(message)
    this.repair = repair
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0] as string

/** Runs one check. `action` gives a sentence, or a whole finding; what it throws is what is wrong. */
export const examine = async (
  check: string,
  repair: string,
  action: () => string | Omit<Finding, 'check'> | Promise<string | Omit<Finding, 'check'>>,
): Promise<Finding> => {
  try {
    const found = await action()
    return typeof found === 'string' ? { check, status: 'ok', message: found } : { check, ...found }
  } catch (error) {
    const { message } = error as Error
    return {
      check,
      status: 'wrong',
      message: firstLine(message),
      repair: error instanceof Wrong ? error.repair : repair,
    }
  }
}

/** A path as a shell takes it. */
export const quoted = (path: string): string =>
  /^[\w./@%+,:-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
