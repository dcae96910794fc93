// Which rows of a long table the window can show. All rows have one height, so it is a division and no measuring.
import { type RefObject, useLayoutEffect, useState } from 'react'

export interface Rows {
  first: number
  /** Exclusive. */
  end: number
}

const BEYOND = 12

export function rowsInView({ top, height, row, count }: { top: number; height: number; row: number; count: number }): Rows {
  const first = Math.max(0, Math.min(count, Math.floor(top / row) - BEYOND))
  return { first, end: Math.max(first, Math.min(count, Math.ceil((top + height) / row) + BEYOND)) }
}

// Follows the scrolling of the page; the state changes only when other rows come into view.
export function useVisibleRows(body: RefObject<HTMLElement | null>, row: number, count: number): Rows {
  const [rows, setRows] = useState<Rows>({ first: 0, end: Math.min(count, 2 * BEYOND) })
  useLayoutEffect(() => {
    const look = () => {
      const top = -(body.current?.getBoundingClientRect().top ?? 0)
      const next = rowsInView({ top, height: innerHeight, row, count })
      setRows((old) => (old.first === next.first && old.end === next.end ? old : next))
    }
    look()
    addEventListener('scroll', look, { passive: true })
    addEventListener('resize', look)
    return () => {
      removeEventListener('scroll', look)
      removeEventListener('resize', look)
    }
  }, [body, row, count])
  return rows
}
