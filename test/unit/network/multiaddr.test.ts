import { describe, expect, it } from 'vitest'
import { isPeerId, multiaddrProblem } from '../../../node/network/multiaddr.ts'

const PEER = '12D3KooWGRUHcHwPHm5FKqBbTkMnCUqJhAhBZ2BYQJDYFZVv7mFM'

describe('an address of a node', () => {
  it.each([
    '/ip4/127.0.0.1/tcp/4101',
    '/ip6/2001:db8::1/tcp/1',
    '/dns/a/tcp/65535',
    '/dns4/node-1.example.org/tcp/4101',
    `/dns6/example.org/tcp/4101/p2p/${PEER}`,
  ])('may be %s', text => {
    expect(multiaddrProblem(text, 'announce')).toBeUndefined()
  })

  it.each([
    ['', 'such as'],
    ['ip4/127.0.0.1/tcp/1', 'such as'],
    ['/ip5/127.0.0.1/tcp/1', 'such as'],
    ['/constructor/x/tcp/1', 'such as'],
    ['/ip4/127.0.0.256/tcp/1', '"127.0.0.256"'],
    ['/ip4/::1/tcp/1', '"::1"'],
    ['/ip6/127.0.0.1/tcp/1', '"127.0.0.1"'],
    ['/dns4/-a/tcp/1', '"-a"'],
    ['/dns4//tcp/1', '""'],
    ['/ip4/127.0.0.1', '/tcp/'],
    ['/ip4/127.0.0.1/udp/1', '/tcp/'],
    ['/ip4/127.0.0.1/tcp/', 'a port from 1'],
    ['/ip4/127.0.0.1/tcp/0', 'a port from 1'],
    ['/ip4/127.0.0.1/tcp/01', 'a port from 1'],
    ['/ip4/127.0.0.1/tcp/65536', 'a port from 1'],
    ['/ip4/127.0.0.1/tcp/1/', 'nothing but /p2p/'],
    ['/ip4/127.0.0.1/tcp/1/ws', 'nothing but /p2p/'],
    ['/ip4/127.0.0.1/tcp/1/p2p/x', '"x" is no peer id'],
    [`/ip4/127.0.0.1/tcp/1/p2p/${PEER}/p2p-circuit`, 'nothing but /p2p/'],
  ])('may not be %j', (text, said) => {
    expect(multiaddrProblem(text, 'announce')).toContain(said)
    expect(multiaddrProblem(text, 'call')).toContain(said)
  })

  it('may have port 0 where a node listens', () => {
    expect(multiaddrProblem('/ip4/127.0.0.1/tcp/0', 'listen')).toBeUndefined()
  })

  it('needs the peer id of whom to call', () => {
    expect(multiaddrProblem('/ip4/127.0.0.1/tcp/1', 'call')).toContain('the peer id is missing')
    expect(multiaddrProblem(`/ip4/127.0.0.1/tcp/1/p2p/${PEER}`, 'call')).toBeUndefined()
  })
})

it('a peer id has no digit that base 58 lacks', () => {
  expect(isPeerId(PEER)).toBe(true)
  for (const digit of ['0', 'O', 'I', 'l', '+']) expect(isPeerId(PEER.slice(0, -1) + digit)).toBe(false)
  expect(isPeerId(`${PEER}a`)).toBe(false)
})
