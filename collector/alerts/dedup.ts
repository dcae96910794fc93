// Which findings speak of the same matter (one open alert per key), and which finding is the same one told again.
import { createHash } from 'node:crypto'
import { canonicalJson } from '#contract/canonical-json.ts'
import { SCHEMA_VERSION } from '#contract/envelope.ts'
import type { Finding } from '#contract/finding.ts'

/** The same in every collector and in every version that keeps the schema, so tiers above can use it too. */
export function dedupKey({ site, rule, agent, device, tag, view }: Finding): string {
  // What a finding does not have stands as null: leaving it out would let two different keys meet.
  return base32(digest([SCHEMA_VERSION, site, rule, agent, device, tag, view]))
}

/** Evidence is left out: a finding judged a second time after a restart may carry slightly other figures. */
export function fingerprintOf(key: string, { time, condition, severity }: Finding): Buffer {
  return digest([key, time, condition, severity]).subarray(0, 16)
}

function digest(value: unknown): Buffer {
  return createHash('sha256').update(canonicalJson(value)).digest()
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

// RFC 4648, section 6, in lower case and without padding.
function base32(bytes: Buffer): string {
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff
    bits += 8
    for (; bits >= 5; bits -= 5) text += ALPHABET[(held >>> (bits - 5)) & 31]
  }
  return bits === 0 ? text : text + ALPHABET[(held << (5 - bits)) & 31]
}
