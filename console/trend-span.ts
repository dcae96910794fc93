// Which stretch of time a trend shows, as it stands in the address: one that ends now, or one of one's own.

export interface Span {
  from: number
  to: number
}

const HOUR = 3_600_000
export const LENGTHS = { '1h': HOUR, '24h': 24 * HOUR, '7d': 7 * 24 * HOUR } as const
export type LengthName = keyof typeof LENGTHS
export const LENGTH_NAMES: readonly LengthName[] = ['1h', '24h', '7d']

export type Chosen = { kind: 'live'; name: LengthName } | { kind: 'own'; span: Span }

const SHORTEST_MS = 10_000
const LATEST = 8.64e15

export function readSpan(address: URLSearchParams): Chosen {
  const from = Number(address.get('from') ?? Number.NaN)
  const to = Number(address.get('to') ?? Number.NaN)
  if (Number.isInteger(from) && Number.isInteger(to) && from >= 0 && to <= LATEST && to > from) return { kind: 'own', span: { from, to } }
  const name = LENGTH_NAMES.find((length) => length === address.get('span'))
  return { kind: 'live', name: name ?? '1h' }
}

export function writeSpan(chosen: Chosen): URLSearchParams {
  if (chosen.kind === 'own') return new URLSearchParams({ from: String(chosen.span.from), to: String(chosen.span.to) })
  return new URLSearchParams(chosen.name === '1h' ? {} : { span: chosen.name })
}

// Moves by a share of the length, or grows and shrinks around the middle.
export function moveSpan({ from, to }: Span, { shift = 0, scale = 1 }: { shift?: number; scale?: number }): Span {
  const length = Math.max(SHORTEST_MS, (to - from) * scale)
  const middle = (from + to) / 2 + (to - from) * shift
  const start = Math.max(0, Math.round(middle - length / 2))
  return { from: start, to: start + Math.round(length) }
}

// What <input type="datetime-local"> reads and writes: local time without a zone.
export function toLocalInput(at: number): string {
  const date = new Date(at)
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}
