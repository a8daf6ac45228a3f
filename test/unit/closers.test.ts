import { expect, it } from 'vitest'
import { createClosers } from '../../node/closers.ts'

const opened = (names: readonly string[]) => {
  const closers = createClosers()
  const closed: string[] = []
  for (const name of names)
    closers.add(async () => {
      await Promise.resolve()
      closed.push(name)
      if (name.startsWith('bad')) throw new Error(name)
    })
  return { closers, closed }
}

it('closes what was opened last first, one after another', async () => {
  const { closers, closed } = opened(['database', 'chain', 'api'])
  await closers.closeAll()
  expect(closed).toEqual(['api', 'chain', 'database'])
})

it('closes the rest where one fails, and tells of the first that did', async () => {
  const { closers, closed } = opened(['database', 'bad chain', 'pool', 'bad api'])
  await expect(closers.closeAll()).rejects.toThrow('bad api')
  expect(closed).toEqual(['bad api', 'pool', 'bad chain', 'database'])
})

it('closes nothing twice, but what was opened after that', async () => {
  const { closers, closed } = opened(['database'])
  await closers.closeAll()
  closers.add(() => void closed.push('late'))
  await closers.closeAll()
  expect(closed).toEqual(['database', 'late'])
})
