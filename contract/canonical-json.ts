// One spelling for one value, so that equal values have equal hashes and signatures: RFC 8785, keys in the order of their UTF-16 units.

// Deeper than any message of ours; what a peer nested deeper is refused before it fills the stack.
const MAX_DEPTH = 100

export function canonicalJson(value: unknown): string {
  return spell(value, 0)
}

function spell(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw new TypeError(`a value nested deeper than ${MAX_DEPTH} has no canonical JSON here`)
  if (Array.isArray(value)) return `[${value.map((item) => spell(item === undefined ? null : item, depth + 1)).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${spell(member, depth + 1)}`)
    return `{${members.join(',')}}`
  }
  // RFC 8785, 3.2.2.3: there is no spelling for these; JSON.stringify would write null.
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} has no canonical JSON`)
  const text = JSON.stringify(value)
  if (text === undefined) throw new TypeError(`${typeof value} has no canonical JSON`)
  return text
}
