// Reads the answer of InfluxDB to a query: one list of rows for each statement.
import { StoreFault } from './telemetry.ts'

export type Row = Record<string, number | string | null>

/** Throws StoreFault when a statement failed. A database that does not exist yet holds nothing. */
export function rowsOf(text: string): Row[][] {
  const { results, error } = parsed(text)
  if (error !== undefined) throw refusal(error)
  if (!Array.isArray(results)) throw new StoreFault('STORE_AWAY', 'the answer of InfluxDB has no results')
  return results.map(rowsOfStatement)
}

function rowsOfStatement(result: unknown): Row[] {
  const { series, error } = record(result)
  if (error !== undefined) {
    if (String(error).startsWith('database not found')) return []
    throw refusal(error)
  }
  const { columns, values } = record(Array.isArray(series) ? series[0] : {})
  if (!Array.isArray(columns) || !Array.isArray(values)) return []
  return values.map((row: unknown) => rowOf(columns, row))
}

function rowOf(columns: readonly unknown[], values: unknown): Row {
  const row: Row = {}
  for (const [i, column] of columns.entries()) {
    const value: unknown = Array.isArray(values) ? values[i] : null
    row[String(column)] = typeof value === 'number' || typeof value === 'string' ? value : null
  }
  return row
}

function parsed(text: string): Record<string, unknown> {
  try {
    return record(JSON.parse(text))
  } catch {
    throw new StoreFault('STORE_AWAY', 'the answer of InfluxDB is not JSON')
  }
}

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? { ...value } : {})

const refusal = (error: unknown): StoreFault => new StoreFault('STORE_REFUSED', `InfluxDB refuses a query: ${String(error).slice(0, 300)}`)
