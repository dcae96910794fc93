// The conditions of a simulated PLC's address space: what the program says of its alarms, told by the rules of OPC 10000-9. Nothing
// is judged here.
import { type AddressSpace, ConditionInfo, StatusCodes, type UAAlarmConditionEx, type UAVariable } from 'node-opcua'
import type { AlarmState, PlcAlarm } from './opcua-point.ts'

export interface RaisedAlarm {
  alarm: PlcAlarm
  node: UAAlarmConditionEx
  state: AlarmState | null
  /** People may move the limits that the program judges by. */
  showLimits: () => void
}

export function addAlarm(space: AddressSpace, alarm: PlcAlarm, source: UAVariable): RaisedAlarm {
  const namespace = space.getOwnNamespace()
  const { name, limits } = alarm
  // An input given by its id is told but not watched: the program has judged already, with filter and hysteresis.
  const where = { browseName: name, conditionName: name, componentOf: source, conditionSource: source, inputNode: source.nodeId }
  const limited =
    limits === undefined
      ? null
      : namespace.instantiateExclusiveLimitAlarm('ExclusiveLimitAlarmType', {
          ...{ ...where, highLimit: limits.high(), lowLimit: limits.low() }
        })
  const node: UAAlarmConditionEx = limited ?? namespace.instantiateOffNormalAlarm({ ...where, normalState: null })
  const showLimits = () => {
    if (limited === null || limits === undefined) return
    if (limited.getHighLimit() !== limits.high()) limited.setHighLimit(limits.high())
    if (limited.getLowLimit() !== limits.low()) limited.setLowLimit(limits.low())
  }
  // Nor does it judge anew when a limit is moved.
  node.updateState = () => {}
  // Nor when it is switched on again: the next refresh tells what is so then. The library asks for this, and declares it nowhere.
  Object.assign(node, { evaluateConditionsAfterEnabled: () => {} })
  // Whoever acknowledges an alarm that still stands has not ended it; the library takes it off the list, and tells so.
  const raise = node.raiseNewBranchState.bind(node)
  node.raiseNewBranchState = (branch) => {
    branch.setRetain(alarm.state() !== null)
    raise(branch)
  }
  node.calculateConditionInfo = (_name, _active, message) =>
    new ConditionInfo({ message, quality: StatusCodes.Good, severity: alarm.severity, retain: alarm.state() !== null })
  return { alarm, node, state: null, showLimits }
}

export function tell(raised: RaisedAlarm): void {
  raised.showLimits()
  const { alarm, node } = raised
  const state = alarm.state()
  // Somebody has switched it off: nothing is told until it is on again.
  if (state === raised.state || !node.getEnabledState()) return
  raised.state = state
  // Nobody acknowledges at this PLC: without this each end of an alarm would leave a branch behind for ever.
  if (state === null) node.currentBranch().setAckedState(true)
  const name = state ?? (alarm.limits === undefined ? 'Inactive' : null)
  node.signalNewCondition(name, state !== null, state === null ? 'Back to normal.' : alarm.message(state))
}
