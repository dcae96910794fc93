// Counts, over all devices, which requests were sent: the proof on the page that nothing but reads ever left an agent.
import type { DeviceHealth } from '#contract/agent-status.ts'

// Modbus functions that read values (1 to 4) or say what a device is (17, 43). All else could change something.
const FUNCTIONS = ['1', '2', '3', '4', '17', '43', '43/14']
// OPC UA services that read and browse (OPC 10000-4, 5.5 to 5.14), and those that open and keep the session and the subscription
// by which values are read. Write, Call, HistoryUpdate, AddNodes, DeleteNodes and their like are not among them.
const SERVICES = [
  ...['Read', 'HistoryRead', 'Browse', 'BrowseNext', 'TranslateBrowsePathsToNodeIds', 'RegisterNodes', 'UnregisterNodes'],
  ...['Publish', 'Republish', 'CreateSubscription', 'ModifySubscription', 'DeleteSubscriptions', 'TransferSubscriptions'],
  ...['CreateMonitoredItems', 'ModifyMonitoredItems', 'DeleteMonitoredItems', 'SetMonitoringMode', 'SetPublishingMode', 'SetTriggering'],
  ...['FindServers', 'FindServersOnNetwork', 'GetEndpoints', 'OpenSecureChannel', 'CloseSecureChannel'],
  ...['CreateSession', 'ActivateSession', 'CloseSession', 'Cancel', 'ConditionRefresh']
]
// Older agents cut names of services to so many letters.
const CUT_AT = 20
const READS: ReadonlySet<string> = new Set([...FUNCTIONS, ...SERVICES, ...SERVICES.map((name) => name.slice(0, CUT_AT))])

export interface Proof {
  reads: number
  others: number
  refused: number
  functions: string[]
}

export const isRead = (name: string): boolean => READS.has(name)

export function proofOf(devices: readonly DeviceHealth[]): Proof | null {
  if (devices.length === 0) return null
  const proof: Proof = { reads: 0, others: 0, refused: 0, functions: [] }
  for (const { requests, refused } of devices) {
    proof.refused += refused
    for (const [name, count] of Object.entries(requests)) {
      if (count === 0) continue
      if (READS.has(name)) proof.reads += count
      else proof.others += count
      if (!proof.functions.includes(name)) proof.functions.push(name)
    }
  }
  proof.functions.sort()
  return proof
}
