/** The chain that snapshots are measured on is one that a node starts on. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Chain } from '../../../node/chain/chain.ts'
import { parseGenesis } from '../../../node/genesis-file.ts'
import { openDataDirectory } from '../../../node/storage/data-directory.ts'
import { genesisHash } from '../../../node/types/genesis.ts'
import { createVm } from '../../../vm/vm.ts'
import { makeLargeChain } from '../../bench/large-chain.ts'
import { removeDirectory, temporaryDirectory } from '../../support/running-node.ts'

let directory: string
beforeEach(async () => {
  directory = await temporaryDirectory()
})
afterEach(() => removeDirectory(directory))

it.each([
  { accounts: 10, each: 4, height: 3n },
  { accounts: 4, each: 4, height: 1n },
])('$accounts accounts, $each of a block', async ({ accounts, each, height }) => {
  await makeLargeChain(directory, accounts, each)
  const { database, genesis: text } = await openDataDirectory(directory, {
    create() {
      throw new Error('it is there')
    },
    hashGenesis: found => genesisHash(parseGenesis(found)),
  })
  const genesis = parseGenesis(text)
  const chain = Chain.open({ db: database, genesis, vm: createVm() })
  expect(chain.head.header.height).toBe(height)
  expect(chain.verifyState().leaves).toBeGreaterThan(accounts)
  await database.close()
})
