// Keys of the alert queue: j and k move, Enter opens (the focus is on a link), a acknowledges.
import { useEffect, useRef } from 'react'
import type { Alert } from '#contract/alert.ts'

interface Options {
  alerts: readonly Alert[]
  onEnd: (() => void) | undefined
  onAcknowledge: ((alert: Alert) => void) | undefined
}

export function useAlertKeys({ alerts, onEnd, onAcknowledge }: Options) {
  const table = useRef<HTMLTableElement>(null)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const links = [...(table.current?.querySelectorAll<HTMLElement>('a[data-alert]') ?? [])]
      const row = document.activeElement?.closest('tr')
      const here = links.findIndex((link) => row?.contains(link))
      if (event.key === 'j' || event.key === 'k') {
        event.preventDefault()
        if (event.key === 'j' && here === links.length - 1) onEnd?.()
        const next = here === -1 ? 0 : Math.min(links.length - 1, Math.max(0, here + (event.key === 'j' ? 1 : -1)))
        links[next]?.focus()
        links[next]?.closest('tr')?.scrollIntoView({ block: 'nearest' })
      }
      if (event.key === 'a' && here !== -1) {
        const alert = alerts.find(({ id }) => id === links[here]?.dataset['alert'])
        if (alert?.handling === 'new') onAcknowledge?.(alert)
      }
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [alerts, onEnd, onAcknowledge])
  return table
}

// Single keys must not act while a person writes, chooses or works in a menu.
function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, select, textarea, dialog, [popover], [contenteditable]') !== null
}
