/** Talks to the contract that `npm run dev` deployed; runs again with every change. */
import { createVexClient } from 'vex/client'
import { devAccounts } from 'vex/dev'
import { abi } from './build/counter.abi.ts'
import { deployments } from './build/deployments.ts'

const [, dev1] = devAccounts()
const vex = createVexClient({ url: process.env['VEX_URL'] ?? 'http://127.0.0.1:4100' })
const counter = vex.contract(deployments.counter, abi, { account: vex.account(dev1.secretKey) })

try {
  const { events, returned } = await counter.call.add({ by: 3 })
  for (const { name, fields } of events) console.log(name, fields)
  console.log('the call returned', returned)
  console.log('the total is', await counter.view.current())
} catch (error) {
  // What the contract refused, and the line where it did. Its own errors are in `error.error`, typed.
  if (!counter.isError(error)) throw error
  console.error(error.message)
  process.exitCode = 1
}

vex.close()
