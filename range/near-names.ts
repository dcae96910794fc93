// Names that somebody may have meant: those with few letters to change, and those that have the word in them.

const MOST = 3
// What a person types is short; what is not was no name.
const LONGEST = 100

export function nearNames(word: string, names: readonly string[]): string[] {
  const asked = word.slice(0, LONGEST).toLowerCase()
  const within = Math.max(1, Math.floor(asked.length / 3))
  return names
    .map((name) => ({ name, changes: asked.length > 2 && name.includes(asked) ? 0 : changesBetween(asked, name) }))
    .filter(({ changes }) => changes <= within)
    .sort((a, b) => a.changes - b.changes || a.name.localeCompare(b.name, 'en'))
    .slice(0, MOST)
    .map(({ name }) => name)
}

/** How many letters are to be added, left out or changed; row by row of the usual table. */
export function changesBetween(a: string, b: string): number {
  const others = [...b]
  let row = Array.from({ length: others.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of others.entries())
      next.push(Math.min((row[j] ?? 0) + (letter === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    row = next
  }
  return row.at(-1) ?? 0
}
