// Canonical JSON and the signature over it: one spelling for one value, and no changed byte passes.
import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Health } from '#contract/agent-status.ts'
import { canonicalJson } from '#contract/canonical-json.ts'
import { decode, encode } from '#contract/codec.ts'
import { isSignedBy, publicKeyOf, publicKeyText, signHealth } from '#contract/signature.ts'

const { privateKey } = generateKeyPairSync('ed25519')
const KEY = publicKeyText(privateKey)

const HEALTH: Health = {
  kind: 'health',
  schema: 1,
  site: 'east-water',
  agent: 'edge-1',
  boot: 7,
  time: 1_750_000_000_000,
  uptimeSeconds: 12.5,
  samplesRead: 100,
  samplesQueued: 90,
  pollsLate: 0,
  devices: [
    {
      id: 'plc-1',
      state: 'online',
      lastGoodAt: 1_750_000_000_000,
      requests: { '3': 4, '4': 5 },
      refused: 0,
      failures: {},
      staleReplies: 0,
      connects: 1,
      roundTripP50Ms: 1.25,
      roundTripP95Ms: null
    }
  ],
  outbox: { messages: 0, bytes: 0, oldestAt: null, droppedMessages: 0 },
  publisher: { published: 3, resent: 0, watermark: { boot: 7, sequence: 3 }, ignoredAcks: 0 },
  rssBytes: 1
}

describe('canonical JSON', () => {
  it('is spelled as RFC 8785 spells its examples', () => {
    const value = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}'
    )
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    // RFC 8785, 3.2.3: sorted by UTF-16 units, not by code points.
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6']
    expect(Object.keys(JSON.parse(canonicalJson(Object.fromEntries(keys.map((key) => [key, 0]))))).slice(1)).toEqual([
      '\r',
      '\u0080',
      '\u00f6',
      '\u20ac',
      '\u{1f600}',
      '\ufb33'
    ])
  })

  it('is stable over parsing and writing, and blind to the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = canonicalJson(value)
        expect(canonicalJson(JSON.parse(text))).toBe(text)
        expect(canonicalJson(turned(value))).toBe(text)
      })
    )
  })

  it('is refused for what has none, and for nesting that would fill the stack', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, () => 1, Symbol('x'), [Number.NaN]])
      expect(() => canonicalJson(value)).toThrow(TypeError)
    expect(() => canonicalJson(JSON.parse('['.repeat(5000) + ']'.repeat(5000)))).toThrow(/nested deeper/)
  })
})

function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).reverse()
  return Object.fromEntries(entries.map(([key, member]) => [key, turned(member)]))
}

describe('a signature of health', () => {
  const signed = signHealth(HEALTH, privateKey)

  it('holds after the way over the wire, and for its own key only', () => {
    const heard = decode('health', encode('health', signed))
    expect(isSignedBy(heard, KEY)).toBe(true)
    const other = publicKeyText(generateKeyPairSync('ed25519').privateKey)
    expect(isSignedBy(heard, other)).toBe(false)
    expect(isSignedBy({ ...heard, key: other }, KEY)).toBe(false)
    expect(isSignedBy(HEALTH, KEY)).toBe(false)
  })

  it('can be made of a figure that went wrong, which is heard as null', () => {
    const { rssBytes, signature } = signHealth({ ...HEALTH, rssBytes: Number.NaN }, privateKey)
    expect([rssBytes, signature?.length]).toEqual([null, 88])
  })

  it('is refused for any changed byte that changes what is said', () => {
    const bytes = Buffer.from(JSON.stringify(signed))
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ by
        let heard: Health
        try {
          heard = decode('health', changed)
        } catch {
          // No message at all is refused as well.
          return
        }
        // A space for a space, or 1e0 for 1.0, says the same.
        expect(isSignedBy(heard, KEY)).toBe(canonicalJson(heard) === canonicalJson(signed))
      }),
      { numRuns: 2000 }
    )
  })

  it('has one spelling, and keys that are no keys fit nothing', () => {
    const { signature = '' } = signed
    const looser = `${signature.slice(0, -3)}${String.fromCharCode(signature.charCodeAt(signature.length - 3) + 1)}==`
    expect(Buffer.from(looser, 'base64')).toEqual(Buffer.from(signature, 'base64'))
    expect(isSignedBy({ ...signed, signature: looser }, KEY)).toBe(false)
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
        const key = publicKeyOf(text)
        return key === null || publicKeyText(key) === text
      })
    )
  })
})
