/** Each test has a chain of its own, in this process, with the rules and the virtual machine of a real one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestChain, expectEvent, expectRevert } from 'vex/testing'
import { Counter } from '../build/counter.abi.ts'

const deploy = async () => {
  const chain = await createTestChain()
  return { chain, counter: await chain.deploy(Counter, { most: 10 }) }
}

test('counts, and tells who did', async () => {
  const { chain, counter } = await deploy()
  const ada = chain.account('ada')
  const added = await counter.call.add({ by: 3 }, { from: ada })
  assert.equal(added.returned, 3n)
  expectEvent(added, 'Counted', { by: ada.address, total: 3n })
  assert.equal(await counter.view.current(), 3n)
})

test('refuses more at once than it was told', async () => {
  const { counter } = await deploy()
  await expectRevert(counter.call.add({ by: 11 }), { error: 'TooMuch', fields: { asked: 11n, most: 10n } })
  assert.equal(await counter.view.current(), 0n)
})
