import { expect, it } from 'vitest'
import { createNodeKey, formatNodeKey, NodeKeyError, parseNodeKey } from '../../../node/network/node-key.ts'

it('a node’s key comes back from its file', () => {
  const seed = createNodeKey()
  expect(parseNodeKey(formatNodeKey(seed), 'node.key')).toEqual(seed)
  expect(createNodeKey()).not.toEqual(seed)
})

it.each(['', 'ab', 'x'.repeat(64), 'ab'.repeat(33)])(
  'the file %j is refused by its name, and not shown',
  text => {
    const parse = () => parseNodeKey(text, 'data/node.key')
    expect(parse).toThrow(NodeKeyError)
    expect(parse).toThrow(/^data\/node\.key is damaged: it holds the 32 bytes/)
  },
)
