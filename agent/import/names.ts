// Foreign names made fit for the ids and tag names of a config.
export const MAX_TAG_NAME = 100
const MAX_ID = 40

/** Letters, digits, _ . - and a letter first; undefined when nothing of the name is left, as with one in Chinese. */
export function asTagName(name: string): string | undefined {
  const kept = plain(name)
    .replace(/[^A-Za-z0-9_.-]+/g, '_')
    .replace(/^[^A-Za-z]+|_+$/g, '')
  return kept === '' ? undefined : kept.slice(0, MAX_TAG_NAME)
}

/** Small letters, digits and - between them, a letter first, so that tag names can begin with it. */
export function asId(name: string): string | undefined {
  const kept = plain(name)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, MAX_ID)
    .replace(/-+$/, '')
  if (kept === '') return undefined
  return /^[a-z]/.test(kept) ? kept : `plc-${kept}`
}

// Letters keep what is left of them without their accents.
const plain = (name: string): string => name.normalize('NFKD').replace(/\p{M}/gu, '')
