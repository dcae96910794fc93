// Rows of a CSV file with their lines: as Excel and other programs write it, with commas, semicolons or tabs.
import { CsvError, parse } from 'csv-parse/sync'
import { z } from 'zod'
import { ImportFault } from './draft.ts'

export interface CsvRow {
  line: number
  /** By the header of its column, as it was turned by `columnOf`. */
  values: Readonly<Record<string, string>>
  /** Cells beyond the last header. */
  extra: readonly string[]
}

const MAX_ROWS = 100_000
const Records = z.array(z.object({ info: z.object({ lines: z.number() }), record: z.array(z.string()) }))

export function csvRows(text: string, columnOf: (header: string) => string): { header: string[]; rows: CsvRow[] } {
  const records = recordsOf(text)
  const [first, ...rest] = records
  if (first === undefined) throw new ImportFault('文件是空的', 'the file is empty')
  if (rest.length > MAX_ROWS) throw new ImportFault(`超过 ${MAX_ROWS} 行`, `has more than ${MAX_ROWS} rows`)
  const header = first.record.map((cell) => columnOf(cell.trim()))
  const rows = rest.map(({ info, record }) => ({
    line: info.lines,
    values: Object.fromEntries(header.map((name, i) => [name, record[i]?.trim() ?? ''])),
    extra: record.slice(header.length).filter((cell) => cell.trim() !== '')
  }))
  return { header, rows: rows.filter(({ values, extra }) => extra.length > 0 || Object.values(values).some((value) => value !== '')) }
}

function recordsOf(text: string): z.infer<typeof Records> {
  try {
    const options = { bom: true, delimiter: delimiterOf(text), info: true, skip_empty_lines: true, relax_column_count: true } as const
    return Records.parse(parse(text, { ...options, comment: '#', comment_no_infix: true, max_record_size: 65_536, relax_quotes: true }))
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause
    const line = 'lines' in cause ? Number(cause['lines']) : 1
    throw new ImportFault(`第 ${line} 行不是有效的 CSV（${cause.code}）`, `line ${line} is no CSV (${cause.code})`, { cause })
  }
}

// The sign that stands most often in the first line that is no comment.
function delimiterOf(text: string): string {
  const line = text.split(/\r?\n/, 200).find((one) => one.trim() !== '' && !one.trimStart().startsWith('#')) ?? ''
  const counts = [',', ';', '\t'].map((sign) => ({ sign, count: line.split(sign).length }))
  return counts.toSorted((a, b) => b.count - a.count)[0]?.sign ?? ','
}
