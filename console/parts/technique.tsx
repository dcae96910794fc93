// A technique of ATT&CK for ICS: its id, always, and its name where we know one.

import { techniques } from '../words/techniques.ts'
import { useWords } from '../words.ts'

export function Technique({ id }: { id: string }) {
  const { say } = useWords()
  const name = say(techniques[id])
  return (
    <span className="technique">
      <code>{id}</code>
      {name === '' ? null : <span>{name}</span>}
    </span>
  )
}
