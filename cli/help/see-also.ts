/** Which commands stand near a command, by what people do next or instead. A command of a group stands near its group. */
const RELATED: Readonly<Record<string, readonly string[]>> = {
  tour: ['dev', 'new'],
  new: ['dev', 'test', 'build'],
  dev: ['dashboard', 'deploy', 'accounts', 'devnet', 'doctor'],
  devnet: ['dev', 'dashboard', 'node start', 'validators'],
  dashboard: ['dev', 'node start', 'validators'],
  build: ['deploy', 'test'],
  test: ['build', 'trace'],
  deploy: ['build', 'call', 'view', 'upgrade'],
  upgrade: ['deploy', 'owner'],
  owner: ['upgrade', 'accounts'],
  call: ['view', 'trace', 'deploy'],
  view: ['call', 'accounts'],
  send: ['accounts', 'wallet list', 'tx'],
  validators: ['stake delegate', 'stake params'],
  contracts: ['deploy', 'view', 'accounts'],
  accounts: ['wallet list', 'send', 'stake show'],
  block: ['tx', 'validators'],
  tx: ['trace', 'block'],
  trace: ['tx', 'call'],
  doctor: ['state verify', 'state restore'],
  completion: ['schema'],
  schema: ['completion'],
  'stake register': ['keys new', 'validators', 'stake commission'],
  'stake delegate': ['validators', 'stake show', 'stake undelegate'],
  'stake undelegate': ['stake show', 'stake withdraw'],
  'wallet new': ['wallet list', 'wallet export', 'send'],
  'genesis validator': ['keys new', 'genesis add-validator'],
  'genesis new': ['genesis validator', 'genesis add-validator'],
  'node init': ['genesis hash', 'node start', 'state restore'],
  'node start': ['node init', 'doctor', 'keys encrypt'],
  'keys new': ['stake register', 'genesis validator'],
  'keys export': ['keys import', 'state snapshot'],
  'state verify': ['doctor', 'state restore'],
  'state snapshot': ['state restore', 'keys export'],
  'state restore': ['state snapshot', 'node init'],
}

export const seeAlso = (path: string): readonly string[] => {
  const [group = '', ...rest] = path.split(' ')
  return [...(RELATED[path] ?? []), ...(rest.length > 0 ? [group] : [])]
}

/** What the table names, for the test that holds it against the program. */
export const ALL_RELATED = RELATED
