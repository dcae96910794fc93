// The moving end of a trend: what the live feed told since the last answer, and a span that ends now.
import { useEffect, useState } from 'react'
import { useNow } from './clock.ts'
import { values } from './live-page.ts'
import { keyOf, type Series } from './series.ts'
import type { TailValue } from './trend-data.ts'
import type { Span } from './trend-span.ts'

const MOST = 2000

export function useTail(series: Series, on: boolean): readonly TailValue[] {
  const key = keyOf(series)
  const [tail, setTail] = useState<{ key: string; values: readonly TailValue[] }>({ key, values: [] })
  useEffect(() => {
    if (!on) return
    return values.subscribe(key, () => {
      const value = values.get(key)
      if (value === undefined) return
      setTail((old) => {
        const before = old.key === key ? old.values : []
        return before.at(-1)?.time === value.time ? old : { key, values: [...before.slice(-MOST), value] }
      })
    })
  }, [key, on])
  return on && tail.key === key ? tail.values : []
}

const SHORTEST_STEP_MS = 15_000

// Asked for in steps, so that one answer serves a while; shown up to this very second.
export function useLiveSpan(lengthMs: number, buckets: number): { asked: Span; shown: Span; stepMs: number } {
  const now = useNow()
  const stepMs = Math.max(SHORTEST_STEP_MS, Math.round(lengthMs / buckets))
  const to = Math.ceil(now / stepMs) * stepMs
  return { asked: { from: to - lengthMs - stepMs, to }, shown: { from: now - lengthMs, to: now }, stepMs }
}
