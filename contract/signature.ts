// Signs what an agent says of itself, and tells whether a signature holds: Ed25519 (RFC 8032) over canonical JSON (RFC 8785).
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { Health } from './agent-status.ts'
import { canonicalJson } from './canonical-json.ts'

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64

// RFC 8410, 4: what stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo.
const SPKI_BEGIN = Buffer.from('302a300506032b6570032100', 'hex')

/** The public half of an Ed25519 key as messages carry it: base64 of its 32 bytes. */
export function publicKeyText(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(SPKI_BEGIN.length).toString('base64')
}

/** Null for anything but the base64 of 32 bytes in its one spelling. */
export function publicKeyOf(text: string): KeyObject | null {
  const bytes = bytesOf(text, KEY_BYTES)
  if (bytes === null) return null
  return createPublicKey({ key: Buffer.concat([SPKI_BEGIN, bytes]), type: 'spki', format: 'der' })
}

/** The same health with key and signature; to be done last, since any later change breaks the signature. */
export function signHealth(health: Health, privateKey: KeyObject): Health {
  // Signed as it will be heard: JSON knows no NaN, and a figure gone wrong must not silence the agent.
  const heard: Health = JSON.parse(JSON.stringify(health))
  const signed = { ...heard, key: publicKeyText(privateKey) }
  return { ...signed, signature: sign(null, signedBytes(signed), privateKey).toString('base64') }
}

export function isSignedBy(health: Health, key: string): boolean {
  const publicKey = publicKeyOf(key)
  const signature = bytesOf(health.signature ?? '', SIGNATURE_BYTES)
  return publicKey !== null && signature !== null && verify(null, signedBytes(health), publicKey, signature)
}

function signedBytes({ signature: _, ...health }: Health): Buffer {
  return Buffer.from(canonicalJson(health))
}

// One signature has one spelling: the bits of base64 that say nothing must be zero.
function bytesOf(text: string, length: number): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === length && bytes.toString('base64') === text ? bytes : null
}
