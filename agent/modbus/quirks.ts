// What some makes of Modbus devices need, beyond the norm, to be read well.
import { z } from 'zod'

export const Quirks = z
  .strictObject({
    pauseAfterConnectMs: z
      .int()
      .min(0)
      .max(30_000)
      .default(0)
      .describe(
        'How long nothing is asked after the connection is open; for gateways and dongles that first wake the line behind them, as those of Huawei SUN2000 inverters (1 to 5 s), and drop what comes earlier.'
      ),
    closeAfterCycle: z
      .boolean()
      .default(false)
      .describe(
        'Whether the connection is closed after each cycle; for meters and gateways that take one connection only, which another master needs too.'
      ),
    oneTagPerRead: z
      .boolean()
      .default(false)
      .describe(
        'Whether each value is asked for by itself; for devices that answer a read over several values with an exception or with zeros.'
      ),
    noGapReads: z
      .boolean()
      .default(false)
      .describe(
        'Whether only registers of tags are read, never those between two tags; for meters and RTUs with maps full of holes, which refuse a read that touches one (exception 2).'
      ),
    addressBase: z
      .literal([0, 1])
      .default(0)
      .describe(
        'From what number the addresses of the tags count; 1 for manuals that call the first register 1. Addresses such as 400001 always do.'
      )
  })
  .prefault({})
  .describe('What this make of device needs beyond the norm.')
export type Quirks = z.infer<typeof Quirks>

/** What both want: the more careful of each. The base of addresses is not joined, each list of tags counts by its own. */
export function joinQuirks(a: Quirks, b: Quirks | undefined): Quirks {
  if (b === undefined) return a
  return {
    pauseAfterConnectMs: Math.max(a.pauseAfterConnectMs, b.pauseAfterConnectMs),
    closeAfterCycle: a.closeAfterCycle || b.closeAfterCycle,
    oneTagPerRead: a.oneTagPerRead || b.oneTagPerRead,
    noGapReads: a.noGapReads || b.noGapReads,
    addressBase: a.addressBase
  }
}
