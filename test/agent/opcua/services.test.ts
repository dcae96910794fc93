// The list of services that may leave, held against every request that the library knows.
import * as opcua from 'node-opcua'
import { describe, expect, it } from 'vitest'
import { guard } from '../../../agent/opcua/guard.ts'
import { isAllowed, type Leaving } from '../../../agent/opcua/services.ts'

type RequestClass = new (body?: object) => Leaving
const isRequest = (entry: [string, unknown]): entry is [string, RequestClass] =>
  /^[A-Z]\w+Request$/.test(entry[0]) && typeof entry[1] === 'function'
const requests = Object.entries<unknown>(opcua).filter(isRequest)

describe('the list of services', () => {
  it('lets reading services through and no other', () => {
    expect(requests.length).toBeGreaterThan(30)
    const allowed = requests.filter(([, Request]) => isAllowed(new Request({}), { conditionRefresh: true })).map(([name]) => name)
    expect(allowed.sort()).toEqual([
      'ActivateSessionRequest',
      'BrowseNextRequest',
      'BrowseRequest',
      'CloseSessionRequest',
      'CreateMonitoredItemsRequest',
      'CreateSessionRequest',
      'CreateSubscriptionRequest',
      'DeleteMonitoredItemsRequest',
      'DeleteSubscriptionsRequest',
      'FindServersRequest',
      'GetEndpointsRequest',
      'HistoryReadRequest',
      'ModifyMonitoredItemsRequest',
      'ModifySubscriptionRequest',
      'PublishRequest',
      'ReadRequest',
      'RepublishRequest',
      'SetMonitoringModeRequest',
      'SetPublishingModeRequest',
      'TransferSubscriptionsRequest',
      'TranslateBrowsePathsToNodeIdsRequest'
    ])
  })

  it('lets ConditionRefresh through when it is asked for, and no other method', () => {
    const call = (objectId: string, methodId: string, more: object[] = []) =>
      new opcua.CallRequest({ methodsToCall: [{ objectId, methodId }, ...more] })
    const refresh = call('ns=0;i=2782', 'ns=0;i=3875')
    expect(isAllowed(refresh, { conditionRefresh: true })).toBe(true)
    expect(isAllowed(refresh, { conditionRefresh: false })).toBe(false)
    expect(isAllowed(call('ns=0;i=2782', 'ns=0;i=3876'), { conditionRefresh: true })).toBe(false)
    expect(isAllowed(call('ns=1;s=Pump', 'ns=0;i=3875'), { conditionRefresh: true })).toBe(false)
    expect(isAllowed(call('ns=0;i=2782', 'ns=0;i=3875', [{ objectId: 'i=1', methodId: 'i=2' }]), { conditionRefresh: true })).toBe(false)
  })

  it('is not deceived by a borrowed name', () => {
    const write = { schema: { name: 'ReadRequest', encodingDefaultBinary: { value: 673 } } }
    expect(isAllowed(write, { conditionRefresh: true })).toBe(false)
    expect(isAllowed({}, { conditionRefresh: true })).toBe(false)
  })
})

describe('the guard', () => {
  const probe = new opcua.WriteRequest({})
  const silent = { sent() {}, refused() {} }

  it('does not let a library be used that has no place for it', () => {
    expect(() => guard({}, { tally: silent, conditionRefresh: false, probe })).toThrow('no place for the guard')
  })

  it('does not let a library be used in which it does not hold', () => {
    const stubborn = Object.defineProperty({ fetchServerCertificate() {} }, 'performMessageTransaction', {
      get: () => (_: unknown, callback: (error: null) => void) => callback(null),
      set() {}
    })
    expect(() => guard(stubborn, { tally: silent, conditionRefresh: false, probe })).toThrow('the guard does not hold')
  })
})
