// Whether a plant loses or makes anything over a month: by what the plant itself knows, and by its meters, as somebody adds them
// up who has the tags alone. Of meters that a scenario falsifies the true readings are taken.
import { quietLog } from '#runtime/log.ts'
import { playOffline } from '../../simulators/offline.ts'
import type { Balance, PlantKind } from '../../simulators/plants/plant.ts'
import type { Plc } from '../../simulators/plc/plc.ts'
import { lengthOf, type Scenario } from '../../simulators/scenario.ts'

export interface BalanceResult {
  /** The largest part of what a plant received that it lost or made: rounding alone. */
  truth: number
  /** What is missing between the meters, as a share of what was received; of either sign. */
  meters: number
  /** By the meters, in their unit. */
  received: number
  /** Whether something leaves past the meters in this scenario, so that they need not agree. */
  leaks: boolean
  /** Steps of the timeline that need what is not there without sockets. */
  leftOut: string[]
}

const LOOKS_SECONDS = 60
/** What leaves a plant past its meters. */
export const LEAKS: readonly string[] = ['leak', 'zone2-leak', 'main-leak', 'station-leak']

interface Meters {
  unit: string
  /** Counters of what comes in, and of what goes out. */
  countedIn: readonly string[]
  countedOut: readonly string[]
  /** Flows per hour that go out and have no counter. */
  flowsOut: readonly string[]
  /** What shows how much is in store, and how much of the unit it shows by one. */
  held: readonly (readonly [tag: string, each: number])[]
}

export const METERS: Readonly<Record<PlantKind, Meters>> = {
  // The tower has 200 m2; the meter at its outlet sees both zones and the washes.
  water: { unit: 'm3', countedIn: ['volume.total'], countedOut: [], flowsOut: ['zone.flow'], held: [['tower.level', 200]] },
  heat: { unit: 'MWh', countedIn: ['heat.energy'], countedOut: ['secondary.energy', 'hotwater.energy'], flowsOut: [], held: [] },
  gas: {
    ...{ unit: 'm3(N)', countedIn: ['station.total'], countedOut: [], held: [['network.linepack', 1]] },
    flowsOut: ['town.flow', 'estate.flow', 'heater.gas-flow']
  }
}

/** Adds up what the meters show. */
export class MeterBook {
  readonly #plc: Pick<Plc, 'measure'>
  readonly #meters: Meters
  readonly #shown = new Map<string, number>()
  readonly #first: ReadonlyMap<string, number>
  #flown = 0

  constructor(plc: Pick<Plc, 'measure'>, kind: PlantKind) {
    this.#plc = plc
    this.#meters = METERS[kind]
    const { countedIn, countedOut, flowsOut, held } = this.#meters
    for (const tag of [...countedIn, ...countedOut, ...flowsOut, ...held.map(([tag]) => tag)]) this.#shown.set(tag, 0)
    this.#read()
    this.#first = new Map(this.#shown)
  }

  note(seconds: number): void {
    this.#read()
    for (const tag of this.#meters.flowsOut) this.#flown += ((this.#shown.get(tag) ?? 0) * seconds) / 3600
  }

  get balance(): { received: number; missing: number } {
    const { countedIn, countedOut, held } = this.#meters
    const counted = (tags: readonly string[]) => tags.reduce((sum, tag) => sum + this.#since(tag), 0)
    const stored = held.reduce((sum, [tag, each]) => sum + this.#since(tag) * each, 0)
    const received = counted(countedIn)
    return { received, missing: received - counted(countedOut) - this.#flown - stored }
  }

  #since(tag: string): number {
    return (this.#shown.get(tag) ?? 0) - (this.#first.get(tag) ?? 0)
  }

  #read(): void {
    this.#plc.measure((tag, value) => {
      if (this.#shown.has(tag)) this.#shown.set(tag, value)
    })
  }
}

/** The largest share of what was received that is neither given nor held. */
export function lostIn(before: readonly Balance[], after: readonly Balance[]): number {
  const shares = after.map(({ received, given, held }, i) => {
    const { received: had = 0, given: gave = 0, held: held0 = 0 } = before[i] ?? {}
    return Math.abs(received - had - (given - gave) - (held - held0)) / Math.max(1, received - had)
  })
  return Math.max(...shares)
}

/** What goes on to the end of a scenario ends there, however long the plant is watched: a relief valve that blows has no meter. */
function endedIn(scenario: Scenario): Scenario['timeline'] {
  const length = lengthOf(scenario)
  return scenario.timeline.map((step) => (step.for === undefined && step.at < length ? { ...step, for: length - step.at } : step))
}

export async function balanceOf(scenario: Scenario, options: { seconds: number; stepMs: number }): Promise<BalanceResult> {
  const { seconds, stepMs } = options
  const { plant, timeline, operator } = scenario
  const leftOut: string[] = []
  const begun: { book: MeterBook; before: readonly Balance[] }[] = []
  const { scene } = await playOffline({
    ...{ seconds, stepMs },
    // The people of the plant work by the book all the same, but look at their screen less often.
    scenario: {
      ...scenario,
      timeline: endedIn(scenario),
      operator: { ...operator, everySeconds: Math.max(LOOKS_SECONDS, operator.everySeconds) }
    },
    log: { ...quietLog(), error: (fields: { step?: string }) => void leftOut.push(fields.step ?? 'insisting') },
    onScan({ scene: { works } }) {
      const [first] = begun
      if (first !== undefined) first.book.note(stepMs / 1000)
      else begun.push({ book: new MeterBook(works.plc, plant), before: works.balances() })
    }
  })
  const [first] = begun
  if (first === undefined) throw new RangeError(`nothing happens in ${seconds} s`)
  const { received, missing } = first.book.balance
  return {
    ...{ truth: lostIn(first.before, scene.works.balances()), meters: missing / received, received, leftOut },
    leaks: timeline.some((step) => LEAKS.includes(troubleIn(step)))
  }
}

const troubleIn = ({ with: given }: { with?: unknown }): string =>
  typeof given === 'object' && given !== null && 'what' in given ? String(given.what) : ''
