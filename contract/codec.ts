// Bytes <-> message. JSON, zstd when over 512 bytes, every length bounded (RFC 8878 frame magic tells which).
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { z } from 'zod'
import { Birth, Death, Health, Watermark } from './agent-status.ts'
import { Position, SCHEMA_VERSION } from './envelope.ts'
import { EventBatch } from './event.ts'
import { ContractFault } from './fault.ts'
import { Gap } from './gap.ts'
import { SampleBatch } from './sample.ts'
import { Id } from './site.ts'
import type { Kind } from './topics.ts'
import { TransactionBatch } from './transaction.ts'

export const COMPRESS_ABOVE = 512
export const MAX_MESSAGE_BYTES = 4 << 20
export const MAX_DECODED_BYTES = 32 << 20

const SCHEMAS = {
  birth: Birth,
  samples: SampleBatch,
  transactions: TransactionBatch,
  events: EventBatch,
  health: Health,
  gap: Gap,
  death: Death,
  ack: Watermark
} as const satisfies Record<Kind, z.ZodType>

export type MessageOf<K extends Kind> = z.infer<(typeof SCHEMAS)[K]>
export type NumberedMessage = SampleBatch | TransactionBatch | EventBatch | Gap

const ZSTD_MAGIC = 0xfd2fb528
const COMPRESSION = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

export function encode<K extends Kind>(_kind: K, message: MessageOf<K>): Buffer {
  const plain = Buffer.from(JSON.stringify(message))
  return plain.length > COMPRESS_ABOVE ? zstdCompressSync(plain, COMPRESSION) : plain
}

export function decode<K extends Kind>(kind: K, bytes: Buffer): MessageOf<K> {
  if (bytes.length > MAX_MESSAGE_BYTES)
    throw new ContractFault('MESSAGE_TOO_LARGE', `a ${kind} message of ${bytes.length} bytes; at most ${MAX_MESSAGE_BYTES} are read`)
  const value = parse(kind, inflate(kind, bytes))
  // The version is looked at before the shape, so that a newer agent is named as such.
  const version = kind === 'ack' ? SCHEMA_VERSION : versionOf(value)
  if (version !== SCHEMA_VERSION)
    throw new ContractFault(
      'UNKNOWN_SCHEMA_VERSION',
      `a ${kind} message of schema version ${version}; this program reads ${SCHEMA_VERSION}`
    )
  const result = SCHEMAS[kind].safeParse(value)
  if (!result.success) throw new ContractFault('SCHEMA_MISMATCH', `a ${kind} message does not fit: ${describe(result.error)}`)
  // The schema was chosen by kind, which the compiler cannot follow through the union.
  return result.data as MessageOf<K>
}

const Place = z.object({ site: Id, agent: Id, ...Position.shape, first: Position.shape.sequence.optional() })

/** Where in which stream a message of this version stands that does not fit its schema, when as much can be made out. */
export function placeOf(kind: Kind, bytes: Buffer): { site: string; agent: string; boot: number; first: number; sequence: number } | null {
  try {
    const value = parse(kind, inflate(kind, bytes))
    const result = versionOf(value) === SCHEMA_VERSION ? Place.safeParse(value) : null
    return result?.success === true ? { ...result.data, first: result.data.first ?? result.data.sequence } : null
  } catch (fault) {
    if (fault instanceof ContractFault) return null
    throw fault
  }
}

function inflate(kind: Kind, bytes: Buffer): Buffer {
  if (bytes.length < 4 || bytes.readUInt32LE(0) !== ZSTD_MAGIC) return bytes
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: MAX_DECODED_BYTES })
  } catch (cause) {
    const code = cause instanceof RangeError ? 'MESSAGE_TOO_LARGE' : 'DECOMPRESSION_FAILED'
    throw new ContractFault(code, `a ${kind} message cannot be decompressed within ${MAX_DECODED_BYTES} bytes`, { cause })
  }
}

function parse(kind: Kind, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new ContractFault('NOT_JSON', `a ${kind} message is not JSON`, { cause })
  }
}

function versionOf(value: unknown): string | number {
  const version = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined
  return typeof version === 'number' ? version : String(version).slice(0, 20)
}

function describe(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.join('.') || 'message'}: ${issue.message}`)
    .join('; ')
    .slice(0, 500)
}
