// Pieces of HTML that are safe whatever a text holds, and texts that stand on a page in both languages.

import type { Text } from '#contract/text.ts'
import { printable } from '#runtime/console-table.ts'

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Safe between tags and in quoted attributes; what would turn the direction of the page is written out. */
export const html = (text: string): string => printable(text).replace(/[&<>"']/g, (one) => ENTITIES[one] ?? one)

/** Both are there; the style shows the one that the reader chose. */
export function both(text: Text): string {
  if (text.zh === text.en) return html(text.en)
  return `<span class="zh" lang="zh-CN">${html(text.zh)}</span><span class="en" lang="en">${html(text.en)}</span>`
}

export interface Head {
  text: Text
  figures?: boolean
}

/** Cells are HTML already. */
export function table(options: { caption: Text; heads: readonly Head[]; rows: readonly (readonly string[])[] }): string {
  const { caption, heads, rows } = options
  const kindOfTable = heads.length > 6 ? 'wide' : 'wide narrow'
  const kind = (column: number) => (heads[column]?.figures === true ? ' class="figures"' : '')
  const head = heads.map(({ text }, i) => `<th scope="col"${kind(i)}>${both(text)}</th>`).join('')
  const body = rows.map((row) => `<tr>${row.map((cell, i) => `<td${kind(i)}>${cell}</td>`).join('')}</tr>`)
  return `<div class="${kindOfTable}"><table><caption>${both(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`
}

/** Since the start of the scenario, as +hours:minutes:seconds, with days when there are some. */
export function offsetText(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000)
  const two = (n: number) => String(n).padStart(2, '0')
  const days = Math.floor(seconds / 86_400)
  const clock = `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return `${ms < 0 ? '−' : '+'}${days === 0 ? '' : `${days} d `}${clock}`
}

export const momentText = (time: number): string => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`
