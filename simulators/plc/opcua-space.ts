// The address space of a simulated PLC: a variable for each point, a condition for each alarm. It shows what the program knows and
// passes on what people write.
import {
  AccessLevelFlag,
  type AddressSpace,
  AttributeIds,
  type BaseNode,
  DataType,
  DataValue,
  type EUInformation,
  type ISessionContext,
  LocalizedText,
  makeEUInformation,
  makePermissionFlag,
  NodeClass,
  type NodeId,
  resolveNodeId,
  type StatusCode,
  type StatusCodeCallback,
  StatusCodes,
  type UAObject,
  type UAVariable,
  Variant,
  type VariantLike,
  WellKnownRoles,
  type WriteValueOptions
} from 'node-opcua'
import { pick, type Text } from '#contract/text.ts'
import { addAlarm, type RaisedAlarm, tell } from './opcua-conditions.ts'
import type { OpcuaServerConfig } from './opcua-config.ts'
import type { Failure, PlcAlarm, Point, Unit } from './opcua-point.ts'

const HISTORY_VALUES = 2000
// OPC 10000-8, 5.6.4.3: units of Recommendation 20; others have no number.
const UNECE = 'http://www.opcfoundation.org/UA/units/un/cefact'
const OWN_UNITS = 'urn:penstock:units'
const NO_UNIT_ID = -1

interface Shown {
  point: Point
  variable: UAVariable
  failure: StatusCode | null
  /** What its history holds last, where only we can write it down. */
  kept?: number | boolean
}

export interface OpcuaSpaceOptions {
  address: AddressSpace
  points: readonly Point[]
  alarms: readonly PlcAlarm[]
  config: OpcuaServerConfig
}

export class OpcuaSpace {
  readonly counts = { writes: 0, refusedWrites: 0 }
  readonly #address: AddressSpace
  readonly #config: OpcuaServerConfig
  readonly #shown = new Map<string, Shown>()
  readonly #alarms: RaisedAlarm[]

  constructor({ address, points, alarms, config }: OpcuaSpaceOptions) {
    this.#address = address
    this.#config = config
    const { server } = address.rootFolder.objects
    address.getOwnNamespace().setDefaultRolePermissions(permissions(config))
    const plc = address.getOwnNamespace().addObject({
      ...{ browseName: 'PLC', nodeId: 's=plc', organizedBy: address.rootFolder.objects, notifierOf: server },
      eventNotifier: 1
    })
    this.#addPoints(points, plc)
    // Without it nobody can ask for the alarms that stand already: OPC 10000-9, 5.5.7.
    address.installAlarmsAndConditionsService()
    this.#alarms = alarms.map((alarm) => addAlarm(address, alarm, this.#of(alarm.source).variable))
    this.#lock()
  }

  /** Takes over what the program knows now. */
  refresh(): void {
    const now = new Date()
    for (const shown of this.#shown.values()) {
      const { point, variable, failure } = shown
      if (point.write !== undefined) {
        keepHistory(shown, now)
        continue
      }
      const value = failure?.isBad() ? { dataType: DataType.Null } : variantOf(point)
      variable.setValueFromSource(value, failure ?? StatusCodes.Good, now)
    }
    for (const raised of this.#alarms) tell(raised)
  }

  fail(tag: string, failure: Failure): void {
    this.#of(tag).failure = StatusCodes[failure]
  }

  repair(tag: string): void {
    this.#of(tag).failure = null
  }

  #of(tag: string): Shown {
    const shown = this.#shown.get(tag)
    if (shown === undefined) throw new RangeError(`the PLC shows no ${tag}`)
    return shown
  }

  #addPoints(points: readonly Point[], plc: UAObject): void {
    const namespace = this.#address.getOwnNamespace()
    const folders = new Map<string, UAObject>()
    for (const point of points) {
      const [folder = '', name = point.tag] = point.tag.split(/\.(.*)/)
      const parent = folders.get(folder) ?? namespace.addObject({ browseName: folder, nodeId: `s=${folder}.`, componentOf: plc })
      folders.set(folder, parent)
      this.#shown.set(point.tag, { point, variable: this.#addVariable(point, { name, parent, plc }), failure: null })
    }
  }

  #addVariable(point: Point, { name, parent, plc }: { name: string; parent: UAObject; plc: UAObject }): UAVariable {
    const namespace = this.#address.getOwnNamespace()
    const level = `CurrentRead${point.write === undefined ? '' : ' | CurrentWrite'}${point.history === true ? ' | HistoryRead' : ''}`
    const options = {
      ...{ browseName: name, nodeId: `s=${point.tag}`, description: point.title.en, dataType: DataType[point.type] },
      ...{ accessLevel: level, userAccessLevel: level, componentOf: parent, eventSourceOf: plc },
      minimumSamplingInterval: this.#config.limits.sampleMs
    }
    const { range, accepted, unit } = point.type === 'Boolean' ? {} : point
    const variable: UAVariable =
      range === undefined
        ? namespace.addVariable({ ...options, ...(unit === undefined ? {} : { typeDefinition: 'BaseAnalogType' }) })
        : namespace.addAnalogDataItem({
            ...{ ...options, engineeringUnitsRange: range },
            ...(accepted === undefined ? {} : { instrumentRange: accepted }),
            ...(unit === undefined ? {} : { engineeringUnits: unitOf(unit) })
          })
    if (range === undefined && unit !== undefined)
      namespace.addVariable({
        ...{ browseName: { name: 'EngineeringUnits', namespaceIndex: 0 }, propertyOf: variable, typeDefinition: 'PropertyType' },
        ...{ dataType: 'EUInformation', value: { dataType: DataType.ExtensionObject, value: unitOf(unit) } }
      })
    describe(variable, point.title)
    if (point.write !== undefined) this.#takeWrites(variable, point)
    if (point.history === true) this.#address.installHistoricalDataNode(variable, { maxOnlineValues: HISTORY_VALUES })
    return variable
  }

  // The library makes variables writable by default, properties and the states of alarms among them.
  #lock(): void {
    const open = new Set([...this.#shown.values()].flatMap(({ point, variable }) => (point.write === undefined ? [] : [variable])))
    for (const node of this.#address.getOwnNamespace().nodeIterator()) {
      if (!isVariable(node) || open.has(node)) continue
      node.accessLevel &= ~AccessLevelFlag.CurrentWrite
      node.userAccessLevel = (node.userAccessLevel ?? node.accessLevel) & ~AccessLevelFlag.CurrentWrite
    }
  }

  #takeWrites(variable: UAVariable, point: Point): void {
    const get = () => this.#shown.get(point.tag)?.failure ?? new Variant(variantOf(point))
    const set = (value: Variant) => {
      const before = new Variant(variantOf(point))
      const status = write(point, value.value)
      if (status.isGood()) this.counts.writes++
      else this.counts.refusedWrites++
      this.#tellWrite(variable, { before, after: value, status })
      return status
    }
    variable.bindVariable({ get, set }, true)
    refuseStatus(variable)
  }

  // OPC 10000-5, 6.4.26: the library itself tells of sessions only.
  #tellWrite(variable: UAVariable, { before, after, status }: { before: Variant; after: Variant; status: StatusCode }): void {
    this.#address.rootFolder.objects.server.raiseEvent('AuditWriteUpdateEventType', {
      sourceNode: { dataType: DataType.NodeId, value: variable.nodeId },
      sourceName: { dataType: DataType.String, value: 'Attribute/Write' },
      message: { dataType: DataType.LocalizedText, value: { text: `Write to ${variable.nodeId.toString()}` } },
      severity: { dataType: DataType.UInt16, value: 500 },
      status: { dataType: DataType.Boolean, value: status.isGood() },
      actionTimeStamp: { dataType: DataType.DateTime, value: new Date() },
      attributeId: { dataType: DataType.UInt32, value: 13 },
      oldValue: before,
      newValue: after
    })
  }
}

// OPC 10000-3, 8.55: everybody who is let in reads; who may write, and answer alarms, depends on the role.
function permissions({ anonymous }: OpcuaServerConfig): { roleId: NodeId; permissions: number }[] {
  const reads = makePermissionFlag('Browse | Read | ReadHistory | ReceiveEvents')
  const writes = makePermissionFlag('Browse | Read | ReadHistory | ReceiveEvents | Write | Call')
  const role = (id: number, permissions: number) => ({ roleId: resolveNodeId(id), permissions })
  return [
    role(WellKnownRoles.Anonymous, anonymous === 'operator' ? writes : reads),
    ...[WellKnownRoles.AuthenticatedUser, WellKnownRoles.Observer].map((id) => role(id, reads)),
    ...[WellKnownRoles.Operator, WellKnownRoles.SecurityAdmin].map((id) => role(id, writes))
  ]
}

const isVariable = (node: BaseNode): node is UAVariable => node.nodeClass === NodeClass.Variable

function unitOf({ symbol, code }: Unit): EUInformation {
  const made = makeEUInformation(code ?? '', symbol, symbol)
  made.namespaceUri = code === null ? OWN_UNITS : UNECE
  if (code === null) made.unitId = NO_UNIT_ID
  return made
}

// OPC 10000-4, 5.11.4.1: whoever writes a status where none can be kept is told so. The library takes the value alone, and says Good.
function refuseStatus(variable: UAVariable): void {
  const write: Written = variable.writeAttribute.bind(variable)
  const checked: Written = (context, wanted, callback) => {
    if (wanted.value?.statusCode?.isGood() ?? true) write(context, wanted, callback)
    else callback(null, StatusCodes.BadWriteNotSupported)
  }
  // The server calls it with a callback, and never the other form.
  variable.writeAttribute = checked as UAVariable['writeAttribute']
}

type Written = (context: ISessionContext | null, wanted: WriteValueOptions, callback: StatusCodeCallback) => void

// The library knows one description. A session that asks for Chinese gets it.
function describe(variable: UAVariable, title: Text): void {
  const read = variable.readAttribute.bind(variable)
  variable.readAttribute = (context, attributeId, ...rest) => {
    if (attributeId !== AttributeIds.Description) return read(context, attributeId, ...rest)
    const locale = context?.session?.localeIds?.find((one) => /^(zh|en)/i.test(one)) ?? 'en'
    const language = /^zh/i.test(locale) ? 'zh-CN' : 'en'
    const value = new LocalizedText({ locale: language, text: pick(title, language) })
    return new DataValue({ value: { dataType: DataType.LocalizedText, value } })
  }
}

// What people write is asked of the program at each read. The library writes down the history of what it is told, and would miss it.
function keepHistory(shown: Shown, now: Date): void {
  const { point, variable } = shown
  if (point.history !== true || shown.kept === point.read()) return
  shown.kept = point.read()
  variable.emit('value_changed', new DataValue({ value: variantOf(point), sourceTimestamp: now, serverTimestamp: now }))
}

const variantOf = (point: Point): VariantLike => ({ dataType: DataType[point.type], value: point.read() })

function write(point: Point, value: unknown): StatusCode {
  if (point.type === 'Boolean') {
    if (typeof value !== 'boolean') return StatusCodes.BadTypeMismatch
    point.write?.(value)
    return StatusCodes.Good
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return StatusCodes.BadTypeMismatch
  const { accepted } = point
  if (accepted !== undefined && (value < accepted.low || value > accepted.high)) return StatusCodes.BadOutOfRange
  point.write?.(value)
  return StatusCodes.Good
}
