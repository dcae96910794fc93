// Tables on a terminal: padded by the columns that characters take there, and safe to show whatever a device calls itself.
import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

export interface Cell {
  text: string
  style?: Style
}

export interface Column {
  title: string
  align?: 'left' | 'right'
}

export interface TableOptions {
  columns: readonly Column[]
  rows: readonly (readonly (string | Cell)[])[]
  /** Colours are left out when the stream is no terminal, or when NO_COLOR is set. */
  stream?: NodeJS.WriteStream
}

const GAP = '  '

export function consoleTable({ columns, rows, stream = process.stdout }: TableOptions): string {
  const head = columns.map(({ title }): Cell => ({ text: title, style: 'bold' }))
  const cells = [head, ...rows].map((row) => row.map(cellOf))
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => displayWidth(row[i]?.text ?? ''))))
  const line = (row: readonly Cell[]) => columns.map(({ align }, i) => padded(row[i] ?? { text: '' }, widths[i] ?? 0, align, stream))
  return cells.map((row) => line(row).join(GAP).trimEnd()).join('\n')
}

function cellOf(cell: string | Cell): Cell {
  return typeof cell === 'string' ? { text: printable(cell) } : { ...cell, text: printable(cell.text) }
}

function padded({ text, style }: Cell, width: number, align: Column['align'], stream: NodeJS.WriteStream): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)))
  const shown = style === undefined ? text : styleText(style, text, { stream })
  return align === 'right' ? space + shown : shown + space
}

// Names and texts come from devices and peers: an escape sequence or a turned reading direction among them could make the
// terminal show something else than what is there.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu

/** On one line and without anything that a terminal would obey. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (one) => `\\u${(one.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
}

// Unicode Standard Annex 11: wide and fullwidth characters take two columns; combining marks and joiners none.
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\u3200-\u33ff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]/u
const NARROW_HALF = /[\uff61-\uffdc]/u
const NOTHING = /\p{Mn}|\p{Me}|[\u200b\u200c]|\u200d|\ufe0f/u
const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')

/** How many columns of a terminal a text takes; colours take none. */
export function displayWidth(text: string): number {
  let width = 0
  for (const one of text.replace(ESCAPES, '')) {
    if (one >= ' ' && one <= '~') width++
    else if (NOTHING.test(one)) continue
    else width += WIDE.test(one) && !NARROW_HALF.test(one) ? 2 : 1
  }
  return width
}

/** Cut to so many columns, with a sign that it was. */
export function clipped(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let cut = ''
  for (const one of text) {
    if (displayWidth(cut + one) > width - 1) break
    cut += one
  }
  return `${cut}…`
}
