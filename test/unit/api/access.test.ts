import { describe, expect, it } from 'vitest'
import { corsHeaders, isAuthorized, isOriginAllowed } from '../../../node/api/access.ts'

const ORIGIN = 'https://wallet.example.org'
const OTHER = 'https://other.example.org'
const TOKEN = 'a'.repeat(32)
const open = { corsOrigins: ['*'], token: undefined }
const listed = { corsOrigins: [ORIGIN], token: TOKEN }

describe('the token', () => {
  it.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['another scheme', `Basic ${TOKEN}`],
    ['the token alone', TOKEN],
    ['a token that is nearly right', `Bearer ${TOKEN.slice(1)}b`],
    ['a part of it', `Bearer ${TOKEN.slice(1)}`],
    ['more than it', `Bearer ${TOKEN}a`],
    ['two of them', `Bearer ${TOKEN} ${TOKEN}`],
  ])('is not %s', (_, shown) => expect(isAuthorized(listed, shown)).toBe(false))

  it('is what was set, after a scheme in any case', () => {
    expect(isAuthorized(listed, `Bearer ${TOKEN}`)).toBe(true)
    expect(isAuthorized(listed, `bearer ${TOKEN}`)).toBe(true)
  })

  it('is asked of nobody where there is none', () => {
    expect(isAuthorized(open, undefined)).toBe(true)
    expect(isAuthorized(open, 'Bearer x')).toBe(true)
  })
})

describe('origins', () => {
  it('of any page are allowed by *, and named by themselves otherwise', () => {
    expect(corsHeaders(open, { origin: ORIGIN }, 'GET')).toEqual({ 'access-control-allow-origin': '*' })
    expect(corsHeaders(listed, { origin: ORIGIN }, 'GET')).toEqual({
      'access-control-allow-origin': ORIGIN,
      vary: 'origin',
    })
  })

  it('that are not listed get nothing, not even to a preflight', () => {
    for (const method of ['GET', 'OPTIONS'])
      expect(corsHeaders(listed, { origin: OTHER }, method)).toEqual({ vary: 'origin' })
    expect(corsHeaders({ ...listed, corsOrigins: [] }, { origin: ORIGIN }, 'OPTIONS')).toEqual({
      vary: 'origin',
    })
  })

  it('that are allowed may send a token and come back to a stream', () => {
    const headers = corsHeaders(listed, { origin: ORIGIN }, 'OPTIONS')
    expect(String(headers['access-control-allow-headers']).split(', ')).toEqual(
      expect.arrayContaining(['authorization', 'content-type', 'last-event-id']),
    )
  })

  it('are asked of browsers alone', () => {
    expect(isOriginAllowed(listed, undefined)).toBe(true)
    expect(isOriginAllowed(listed, ORIGIN)).toBe(true)
    expect(isOriginAllowed(listed, OTHER)).toBe(false)
    expect(isOriginAllowed(open, OTHER)).toBe(true)
  })
})
