/** A transaction that a node took while it was alone. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type DevAccount, devAccounts } from '../../node/dev.ts'
import { toHex } from '../../node/types/primitives.ts'
import { transfer } from './load.ts'
import type { Scenario } from './scenario.ts'
import { claim, inWorld, PROGRESS_MS } from './world.ts'

/** Until what a node took is in its journal, on a busy machine. */
const JOURNAL_MS = 1_000

export const unheard: Scenario = {
  name: 'unheard',
  what: 'what a full node took while it was cut off becomes final once others hear of it, though it was killed meanwhile',
  run: () =>
    inWorld({ validators: 2, full: 1, hasCuttableLinks: true }, async world => {
      const { devnet } = world
      const [kept, killed] = devAccounts()
      const report: Record<string, number> = {}
      for (const { name, account, isKilled } of [
        { name: 'ms from healing to final', account: kept, isKilled: false },
        { name: 'ms from restart to final', account: killed, isKilled: true },
      ]) {
        devnet.partition([0, 1], [2], true)
        const { api } = await world.client(2)
        while ((await api.network.peers.query()).peers.length > 0) await sleep(50)
        const { id, bytes } = transfer(account as DevAccount, 0n)
        const [taken] = await api.transaction.submitMany.mutate({ transactions: [`0x${toHex(bytes)}`] })
        claim(taken?.accepted === true, 'a node that is cut off did not take a transaction')
        if (isKilled) {
          // The journal is written in batches, a moment after the answer.
          await sleep(JOURNAL_MS)
          devnet.child(2).kill()
          await devnet.child(2).exited
          devnet.start(2)
          await devnet.url(2)
        }
        const { pool } = await (await world.client(2)).api.chain.info.query()
        claim(pool.transactions === 1, `its pool holds ${pool.transactions} transactions`)
        devnet.partition([0, 1], [2], false)
        const healedMs = performance.now()
        const final = world.client(0).then(({ api }) => api.transaction.wait.query({ id: `0x${toHex(id)}` }))
        await Promise.race([
          final,
          sleep(PROGRESS_MS).then(() => claim(false, `${name}: more than ${PROGRESS_MS}`)),
        ])
        report[name] = Math.round(performance.now() - healedMs)
        // Its pool is empty again before the next round.
        await (await world.client(2)).api.transaction.wait.query({ id: `0x${toHex(id)}` })
      }
      return { ...report, 'heights compared': await world.audit([0, 1]) }
    }),
}
