// The integer ids of tags: given once, kept in the outbox file, never used again for another tag.
import { Tag } from '#contract/tag.ts'
import { type Database, transaction } from '#runtime/sqlite.ts'

/** Gives each tag the id that its name has, or a new one. */
export function identify(database: Database, tags: readonly Omit<Tag, 'id'>[]): Tag[] {
  const find = database.prepare('SELECT id FROM tags WHERE name = ?')
  const add = database.prepare('INSERT INTO tags (name, definition) VALUES (?, ?)')
  const change = database.prepare('UPDATE tags SET definition = ? WHERE id = ?')
  return transaction(database, () =>
    tags.map((tag) => {
      const known = find.get(tag.name)?.['id']
      const definition = JSON.stringify(tag)
      const id = Number(known ?? add.run(tag.name, definition).lastInsertRowid)
      if (known !== undefined) change.run(definition, id)
      return { id, ...tag }
    })
  )
}

/** Tags that were read once and are not any more. */
export function retired(database: Database, live: readonly Tag[]): Tag[] {
  const ids = new Set(live.map((tag) => tag.id))
  const tags: Tag[] = []
  for (const row of database.prepare('SELECT id, definition FROM tags ORDER BY id').iterate()) {
    const id = Number(row['id'])
    if (ids.has(id)) continue
    const definition: unknown = JSON.parse(String(row['definition']))
    // Written by an older version of this program, perhaps; what does not fit any more is left out.
    const tag = Tag.safeParse({ ...(typeof definition === 'object' ? definition : {}), id, retired: true })
    if (tag.success) tags.push(tag.data)
  }
  return tags
}
