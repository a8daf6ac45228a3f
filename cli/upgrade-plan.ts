/** What an upgrade would change for what is stored and for those who call, and whether it may be sent. */
import { compareInterfaces, type InterfaceChange } from '../node/abi/interface.ts'
import { compareLayouts, type LayoutChange } from '../node/abi/layout.ts'
import { type Abi, formatMethod } from '../node/abi/types.ts'
import { CliError } from './errors.ts'
import { mark } from './terminal/colour.ts'
import { showTable } from './terminal/table.ts'

export interface UpgradePlan {
  readonly name: string
  /** `null`: there was nothing to compare. */
  readonly storage: readonly LayoutChange[] | null
  readonly interface: readonly InterfaceChange[] | null
  /** What the upgrade runs. */
  readonly migration: string | null
}

const unknownLayout = (which: string): CliError =>
  new CliError(
    'no_layout',
    `${which}, so nobody can say whether the new code reads what the old one stored. If you know that it does, add --no-layout-check`,
  )

/** Throws a CliError if there is nothing to compare, unless that is fine with the caller. */
export const planUpgrade = (
  before: Abi | undefined,
  after: Abi | undefined,
  { mayBeUnknown }: { mayBeUnknown: boolean },
): UpgradePlan => {
  const migrate = after?.methods.find(({ kind }) => kind === 'migrate')
  const shared = {
    name: after?.name ?? before?.name ?? 'the contract',
    migration: migrate === undefined ? null : formatMethod(migrate),
  }
  const missing =
    before === undefined
      ? 'the contract on the chain carries no ABI'
      : after === undefined
        ? 'the new code carries no ABI'
        : // A compiler that knew nothing of layouts wrote none, and nor does a contract that stores nothing.
          before.storage.length === 0 && after.storage.length > 0
          ? 'the ABI of the contract on the chain names no storage'
          : undefined
  if (missing !== undefined && !mayBeUnknown) throw unknownLayout(missing)
  const storage =
    missing === undefined && before !== undefined && after !== undefined
      ? compareLayouts(before, after)
      : null
  const callers = before === undefined || after === undefined ? null : compareInterfaces(before, after)
  return { ...shared, storage, interface: callers }
}

/** An error is one line; the plan above it has all of them. */
const MAX_NAMED = 3

/** Throws a CliError if what is stored would be misread and nothing converts it. */
export const assertReadable = ({ name, storage, migration }: UpgradePlan): void => {
  const breaking = (storage ?? []).filter(({ isBreaking }) => isBreaking)
  if (breaking.length === 0 || migration !== null) return
  const named = breaking.slice(0, MAX_NAMED).map(({ message }) => message)
  const rest = breaking.length - named.length
  throw new CliError(
    'breaking_layout',
    `the new code would misread what ${name} stored: ${named.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}. Leave the fields that were there as they were and put new ones last, or convert what is stored in a method of the new code: @migrate migrate(): void { … }. Nothing was sent`,
    { details: { storage } },
  )
}

const storageRows = ({ storage, migration }: UpgradePlan): string[] => {
  if (storage === null) return [mark('warning', 'not compared')]
  if (storage.length === 0) return ['as it was']
  const breaking = migration === null ? mark('bad') : mark('warning')
  return storage.map(({ kind, isBreaking, message }) => {
    if (isBreaking) return `${breaking} ${message}`
    return kind === 'appended' ? `${mark('added')} ${message}` : `${mark('warning')} ${message}`
  })
}

const interfaceRows = ({ interface: changes }: UpgradePlan): string[] => {
  if (changes === null) return [mark('warning', 'not compared')]
  if (changes.length === 0) return ['as it was']
  return changes.map(({ part, kind, message }) => {
    const sign = kind === 'added' ? mark('added') : mark('warning')
    return `${sign} ${part} ${message}`
  })
}

/** `name` stands beside its first row only. */
const group = (name: string, rows: readonly string[]): (readonly [string, string])[] =>
  rows.map((row, i) => [i === 0 ? name : '', row])

export const showPlan = (plan: UpgradePlan, contract: string): string =>
  showTable(`Upgrade of ${plan.name} at ${contract}`, [
    ...group('storage', storageRows(plan)),
    ...group('interface', interfaceRows(plan)),
    ['migration', plan.migration ?? 'none: what is stored stays as it is'],
  ])
