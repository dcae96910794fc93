// The proof of read-only counts by function and service: what only reads, and what could change something.
import { expect, it } from 'vitest'
import type { DeviceHealth } from '#contract/agent-status.ts'
import { isRead, proofOf } from '../../console/read-only-proof.ts'

const device = (requests: Record<string, number>, refused = 0): DeviceHealth => ({
  ...{ id: 'plc-1', state: 'online', lastGoodAt: null, requests, refused, failures: {}, staleReplies: 0, connects: 1 },
  ...{ roundTripP50Ms: null, roundTripP95Ms: null }
})

it('takes reading functions and services, and the session behind them, for reads', () => {
  const services = { Read: 3, Publish: 4, CreateSession: 1, TranslateBrowsePathsToNodeIds: 1, TranslateBrowsePaths: 1 }
  expect(proofOf([device({ '3': 10, '43': 1 }), device(services)])).toMatchObject({ reads: 21, others: 0, refused: 0 })
  expect(proofOf([])).toBeNull()
})

it.each(['5', '6', '8', '15', '16', '22', '23', '90', 'Write', 'Call', 'HistoryUpdate', 'AddNodes', 'DeleteNodes', 'toString', ''])(
  'takes %s for no read',
  (name) => {
    expect(isRead(name)).toBe(false)
    expect(proofOf([device({ [name]: 1 }, 2)])).toMatchObject({ reads: 0, others: 1, refused: 2, functions: [name] })
  }
)
