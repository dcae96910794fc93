// Short words that pass: shown for a few seconds and read aloud by screen readers.
import { useSyncExternalStore } from 'react'

const SECONDS = 6
let words = ''
let timer: ReturnType<typeof setTimeout> | undefined
const listeners = new Set<() => void>()

export function tell(text: string): void {
  words = text
  clearTimeout(timer)
  if (text !== '') timer = setTimeout(() => tell(''), SECONDS * 1000)
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function Said() {
  const text = useSyncExternalStore(subscribe, () => words)
  return (
    <div className="said" role="status" aria-live="polite">
      {text === '' ? null : <p>{text}</p>}
    </div>
  )
}
