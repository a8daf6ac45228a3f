/** The views that are lists, by name. */
import type { ViewId } from '../keys.ts'
import { blocksView } from './blocks.ts'
import { contractsView } from './contracts.ts'
import { eventsView } from './events.ts'
import type { ListView } from './list.ts'
import { logsView } from './logs.ts'
import { peersView } from './peers.ts'
import { transactionsView } from './transactions.ts'
import { validatorsView } from './validators.ts'

const ALL: readonly ListView[] = [
  blocksView,
  transactionsView,
  contractsView,
  eventsView,
  peersView,
  validatorsView,
  logsView,
]

/** None for the overview and for the own validator, which are pages. */
export const listViewOf = (id: ViewId): ListView | undefined => ALL.find(view => view.id === id)
