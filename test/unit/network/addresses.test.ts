import { expect, it } from 'vitest'
import { isAnnounced } from '../../../node/network/addresses.ts'

const wildcard = ['/ip4/0.0.0.0/tcp/4101', '/ip6/::/tcp/4101']

it.each([
  ['/ip4/203.0.113.7/tcp/4101', true, true],
  ['/ip6/2001:db8::1/tcp/4101', true, true],
  ['/ip4/192.168.1.5/tcp/4101', false, true],
  ['/ip4/10.0.0.5/tcp/4101', false, true],
  ['/ip4/172.16.0.5/tcp/4101', false, true],
  ['/ip4/172.32.0.5/tcp/4101', true, true],
  ['/ip4/100.64.0.1/tcp/4101', false, true],
  ['/ip6/fd00::1/tcp/4101', false, true],
  ['/ip6/fe80::1/tcp/4101', false, true],
  ['/ip4/127.0.0.1/tcp/4101', false, false],
  ['/ip6/::1/tcp/4101', false, false],
  ['/ip4/0.0.0.0/tcp/4101', false, false],
  ['nonsense', false, false],
])(
  '%s, of a node that listens everywhere, is announced: %s, with the local network: %s',
  (address, plain, local) => {
    expect(isAnnounced(address, { listen: wildcard, wantsLocal: false })).toBe(plain)
    expect(isAnnounced(address, { listen: wildcard, wantsLocal: true })).toBe(local)
  },
)

it('announces what it listens on by name as it is', () => {
  const listen = ['/ip4/127.0.0.1/tcp/0', '/ip4/10.1.2.3/tcp/5']
  expect(isAnnounced('/ip4/127.0.0.1/tcp/40001', { listen, wantsLocal: false })).toBe(true)
  expect(isAnnounced('/ip4/10.1.2.3/tcp/5', { listen, wantsLocal: false })).toBe(true)
  expect(isAnnounced('/ip4/10.1.2.4/tcp/5', { listen, wantsLocal: false })).toBe(false)
})
