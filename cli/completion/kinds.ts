/**
 * What stands in a command's argument, or behind its option, by the name in its help. A test finds a name that is in
 * neither table.
 */

/** What can be offered for it. */
export type WordKind = 'account' | 'contract' | 'method' | 'walletAccount' | 'file' | 'folder' | 'topic'

const OFFERED: Readonly<Record<string, WordKind>> = {
  to: 'account',
  addresses: 'account',
  account: 'account',
  validator: 'account',
  '--from <name>': 'account',
  '--owner <address>': 'account',
  '--caller <address>': 'account',
  '--validator <address>': 'account',
  'owner new': 'account',
  address: 'contract',
  method: 'method',
  'wallet show name': 'walletAccount',
  'wallet rename name': 'walletAccount',
  'wallet remove name': 'walletAccount',
  'wallet export name': 'walletAccount',
  file: 'file',
  path: 'file',
  paths: 'file',
  filters: 'file',
  genesis: 'file',
  dir: 'folder',
  'schema command': 'topic',
}

/** Nobody but who types it knows. */
const OPEN: ReadonlySet<string> = new Set([
  'amount',
  'args',
  'block',
  'count',
  'evidence',
  'gas',
  'hash',
  'height',
  'id',
  'levels',
  'minutes',
  'multiaddr',
  'n',
  'name',
  'new',
  'percent',
  'port',
  'time',
  'units',
  'url',
  'address=amount',
  'height:hash',
  '--host <address>',
])

/** `null`: nothing; `undefined`: no table has it. */
export const kindOf = (commandPath: string, name: string): WordKind | null | undefined =>
  OFFERED[`${commandPath} ${name}`] ?? OFFERED[name] ?? (OPEN.has(name) ? null : undefined)

/** Of `--from <name>`: the option itself first, then what its value is called. */
export const kindOfOption = (
  commandPath: string,
  long: string,
  value: string,
): WordKind | null | undefined => {
  const whole = `${long} <${value}>`
  if (OPEN.has(whole)) return null
  return OFFERED[whole] ?? kindOf(commandPath, value)
}
