/** The chain's contracts, those first that something has called since the screen looks; one with its methods, to ask and to call, and its last events. */
import { formatMethod, type AbiMethod } from '../../../node/abi/types.ts'
import { formatAmount, formatInteger } from '../../amounts.ts'
import type { ContractRow, Model } from '../model.ts'
import type { State } from '../state.ts'
import { EMPTY, type Line, line, span } from '../text.ts'
import { describeEvent, formatBytes, nameIn, shortAddress } from '../words.ts'
import { type Item, listAll, type ListView, pairs } from './list.ts'

const MAX_EVENTS = 20

/** Those that can be asked or called. */
export const methodsOf = ({ abis }: Pick<Model, 'abis'>, contract: string): readonly AbiMethod[] =>
  (abis.get(contract)?.methods ?? []).filter(({ kind }) => kind === 'view' || kind === 'call')

/** Where the methods begin in the detail; what is above them does not change its height. */
const methodLines = (address: string, { model, ui }: State): Line[] => {
  const abi = model.abis.get(address)
  if (abi === undefined) return [line(span('… asking for its ABI', 'dim'))]
  if (abi === null) return [line(span('! it was built without an ABI: its methods are not known', 'warn'))]
  return methodsOf(model, address).map((method, i) => {
    const isSelected = ui.focus === 'detail' && i === ui.method
    const drawn = line(
      span(method.kind === 'view' ? '  view ' : '  call ', method.kind === 'view' ? 'accent' : 'good'),
      formatMethod(method),
    )
    return isSelected ? { ...drawn, mark: 'selected' as const } : drawn
  })
}

const eventLines = (address: string, model: Model): Line[] => {
  const nameOf = nameIn(model)
  const found: Line[] = []
  const { items } = model.events
  for (let i = items.length - 1; i >= 0 && found.length < MAX_EVENTS; i--) {
    const event = items[i]
    if (event === undefined || event.contract !== address) continue
    found.push(
      line(span(`  ${formatInteger(BigInt(event.height))} `, 'dim'), describeEvent(event, model, nameOf)),
    )
  }
  return found.length === 0 ? [line(span('  none since the screen was opened', 'dim'))] : found
}

const toItem =
  (model: Model) =>
  (row: ContractRow): Item => ({
    id: row.address,
    value: row.address,
    call: `vex accounts ${row.address}`,
    load: { kind: 'contract', id: row.address },
    cells: () => [
      span(row.name ?? 'contract', 'bold'),
      span(shortAddress(row.address), 'dim'),
      span(String(row.calls)),
      span(String(row.events), 'dim'),
      span(row.lastHeight === undefined ? '–' : formatInteger(BigInt(row.lastHeight)), 'dim'),
    ],
    detail(width, state) {
      const info = model.contractInfos.get(row.address)
      return [
        ...pairs(
          [
            ['contract', row.name ?? 'without an ABI', 'bold'],
            ['address', row.address],
            ...(info === undefined
              ? []
              : ([
                  ['owner', info.owner === null ? 'nobody: it stays as it is' : nameIn(model)(info.owner)],
                  ['code', formatBytes(info.codeBytes)],
                  [
                    'storage',
                    `${formatBytes(Number(info.storageBytes))}, deposit ${formatAmount(BigInt(info.deposit))}`,
                  ],
                ] as const)),
          ],
          width,
        ),
        EMPTY,
        line(span('Methods', 'bold'), span('  Tab and Enter open one', 'dim')),
        ...methodLines(row.address, state),
        EMPTY,
        line(span('Events, newest first', 'bold')),
        ...eventLines(row.address, model),
      ]
    },
  })

export const contractsView: ListView = {
  id: 'contracts',
  isTail: false,
  whenEmpty: 'this chain has none yet: vex deploy makes one',
  columns: [
    { title: 'contract', width: 12, isWide: true, priority: 1 },
    { title: 'address', width: 11, priority: 3 },
    { title: 'calls', width: 6, isRight: true, priority: 2 },
    { title: 'events', width: 6, isRight: true, priority: 4 },
    { title: 'last', width: 8, isRight: true, priority: 5 },
  ],
  list: (model, filter) =>
    listAll(
      [...model.contracts.values()],
      filter,
      ({ address, name }) => `${address} ${name ?? ''}`,
      ({ address }) => address,
      toItem(model),
    ),
}
