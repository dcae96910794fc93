// Which rows of a long table a window can show. All rows have one height, so it is a division and no measuring.
export interface Rows {
  first: number
  /** Exclusive. */
  end: number
}

// So many rows beyond the window are kept ready, so that scrolling shows no holes.
export const BEYOND = 12

export function rowsInView({ top, height, row, count }: { top: number; height: number; row: number; count: number }): Rows {
  const first = Math.max(0, Math.min(count, Math.floor(top / row) - BEYOND))
  return { first, end: Math.max(first, Math.min(count, Math.ceil((top + height) / row) + BEYOND)) }
}
