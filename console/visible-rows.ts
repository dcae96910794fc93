// The rows of a long table near the window, followed as the page scrolls.
import { type RefObject, useLayoutEffect, useState } from 'react'
import { BEYOND, type Rows, rowsInView } from './rows-in-view.ts'

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
