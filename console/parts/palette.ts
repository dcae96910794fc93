// The colours of the style sheet for what is drawn on a canvas, read again when the appearance changes.
import { useEffect, useState } from 'react'
import { theme } from '../settings.ts'

const NAMES = [
  'ink',
  'ink-2',
  'ink-3',
  'line',
  'surface',
  'trend',
  'trend-band',
  'agreed',
  'agreed-edge',
  'fail',
  'doubt',
  'hatch',
  'event'
] as const
export type Palette = Readonly<Record<(typeof NAMES)[number] | 'font', string>>

function read(): Palette {
  const style = getComputedStyle(document.documentElement)
  const colours = NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()] as const)
  // Every name of the list is present by construction.
  return { ...(Object.fromEntries(colours) as Record<(typeof NAMES)[number], string>), font: style.getPropertyValue('--font').trim() }
}

export function usePalette(): Palette {
  const [palette, setPalette] = useState(read)
  useEffect(() => {
    let frame = 0
    const again = () => {
      // The attribute on the page changes after this is told; the next frame sees it.
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(() => setPalette((old) => same(old, read())))
    }
    const dark = matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', again)
    const leave = theme.subscribe(again)
    again()
    return () => {
      cancelAnimationFrame(frame)
      dark.removeEventListener('change', again)
      leave()
    }
  }, [])
  return palette
}

function same(old: Palette, now: Palette): Palette {
  return JSON.stringify(old) === JSON.stringify(now) ? old : now
}
