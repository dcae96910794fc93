// The collector's time as far as the browser can know it, and one tick a second for everything that shows an age.
import { useSyncExternalStore } from 'react'

let offset = 0
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined
const listeners = new Set<() => void>()

// Told by each overview; a browser whose clock is wrong must not make fresh values look old, or old ones fresh.
export function setServerTime(time: number): void {
  offset = time - Date.now()
}

export function serverNow(): number {
  return Date.now() + offset
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (timer === undefined) now = serverNow()
  timer ??= setInterval(() => {
    now = serverNow()
    for (const tell of listeners) tell()
  }, 1000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}
