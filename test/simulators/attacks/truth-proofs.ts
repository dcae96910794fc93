// By what each attack shows itself: the table that truth.test.ts holds the attacks to. An attack without a line here fails there.
import type { ATTACKS } from '../../../simulators/attacks/attacks.ts'
import type { PlantKind } from '../../../simulators/plants/plant.ts'
import type { Day, Told } from './twin.ts'

interface InPlant {
  with?: Record<string, unknown>
  day?: Day
}

/** Code inside the PLC: its reports differ, of the tags of the label alone, and nothing else ever. */
interface Forges extends InPlant {
  /** Those that must differ; all of the label when it does not say. */
  shows?: string[]
}
/** A foreign client writes: what it wrote stands as it was when it is over, what came of it need not. */
interface Writes extends InPlant {
  /** What the plant does of it, by tag: how far from its twin at least. */
  harms: Record<string, number>
  /** Written tags that the program takes back at once, as orders that are done. */
  taken?: string[]
}
/** A foreign client asks and disturbs nobody. */
interface Asks extends InPlant {
  /** What must have been asked. */
  asked: (said: readonly Told[]) => number
  least: number
}

export type Proof =
  | { technique: string; kind: 'forges'; plants: Partial<Record<PlantKind, Forges>> }
  | { technique: string; kind: 'writes'; plants: Partial<Record<PlantKind, Writes>>; covers?: true }
  | { technique: string; kind: 'asks'; plants: Record<PlantKind, Asks> }
  /** Held by a test of its own below the table. */
  | { technique: string; kind: 'denies' | 'in the middle' | 'on our eyes' | 'over OPC UA' }

export const PLANTS_ALL = ['water', 'heat', 'gas'] as const

const everywhere = <T>(one: T): Record<PlantKind, T> => ({ water: one, heat: one, gas: one })
const asks = (technique: string, least: number, asked: Asks['asked'], given: InPlant = {}): Proof => ({
  ...{ technique, kind: 'asks', plants: everywhere({ ...given, least, asked }) }
})
const forges = (technique: string, given: Forges = {}): Proof => ({ technique, kind: 'forges', plants: everywhere(given) })

const kinds = (of: (one: Told) => unknown) => (said: readonly Told[]) => new Set(said.map(of)).size
const code = ({ request }: Told) => request.slice(0, 2)
const started = (...beginnings: string[]) => kinds(({ request }) => beginnings.find((begins) => request.startsWith(begins)))
const breaks = (what: string, amount = 1, more: Day = {}): Day => ({
  ...{ lasts: 400, faults: [{ at: '00:01', fault: 'breakdown', with: { what, amount } }] },
  ...more
})

export const PROOFS: Record<keyof typeof ATTACKS, Proof> = {
  'setpoint-tamper': {
    technique: 'T0836',
    kind: 'writes',
    plants: {
      water: { harms: { 'dosing.rate': 50, 'chlorine.residual': 0.1 } },
      heat: { harms: { 'supply.wanted': 5, 'supply.temperature': 1 } },
      gas: { harms: { 'outlet.pressure': 0.4 } }
    }
  },
  'setpoint-salami': {
    technique: 'T0836',
    kind: 'writes',
    plants: {
      water: { harms: { 'dosing.rate': 5 } },
      heat: { harms: { 'supply.wanted': 0.5 } },
      gas: { harms: { 'outlet.pressure': 0.03 } }
    }
  },
  'pump-stop': {
    technique: 'T0855',
    kind: 'writes',
    plants: {
      water: { harms: { 'pump1.speed': 80, 'tower.inflow': 50 } },
      heat: { harms: { 'pump1.speed': 80, 'secondary.flow': 50 } }
    }
  },
  'pump-slowdown': {
    technique: 'T0836',
    kind: 'writes',
    covers: true,
    plants: { water: { harms: { 'tower.inflow': 50 } }, heat: { harms: { 'heat.power': 40 } } }
  },
  'valve-hammer': {
    technique: 'T0806',
    kind: 'writes',
    plants: {
      // Water hammer: well over the 5 bar that stand there.
      water: { harms: { 'zone2.inlet-pressure': 1.2, 'zone2.flow': 50 } },
      heat: { harms: { 'valve.position': 15, 'primary.flow': 10 } },
      gas: { harms: { 'line1.flow': 3000 } }
    }
  },
  'alarm-limit-raise': {
    technique: 'T0838',
    kind: 'writes',
    plants: {
      water: { harms: {} },
      heat: { harms: {} },
      gas: { day: breaks('regulator-fail-open'), harms: {} }
    }
  },
  'alarm-suppression': {
    technique: 'T0878',
    kind: 'forges',
    plants: {
      water: { day: breaks('valve-hangs'), shows: ['zone2.high-alarm'] },
      heat: { day: breaks('leak', 40), shows: ['pressure.low-alarm'] },
      gas: { day: breaks('regulator-fail-open'), shows: ['outlet.high-alarm'] }
    }
  },
  'chlorine-overdose': {
    technique: 'T0836',
    kind: 'writes',
    covers: true,
    plants: { water: { day: { lasts: 600 }, harms: { 'dosing.rate': 100 } } }
  },
  'chlorine-underdose': {
    technique: 'T0855',
    kind: 'writes',
    covers: true,
    plants: { water: { day: { lasts: 600 }, harms: { 'dosing.rate': 100, 'dosing.running': 1 } } }
  },
  'heating-shift': {
    technique: 'T0836',
    kind: 'writes',
    covers: true,
    // In frost, for so long that a house cools down a little.
    plants: { heat: { day: { lasts: 3600, startDay: 15, warmer: -8 }, harms: { 'supply.wanted': 8, 'heat.power': 300 } } }
  },
  'regulator-overpressure': { technique: 'T0836', kind: 'writes', plants: { gas: { harms: { 'outlet.pressure': 0.5 } } } },
  // The end of the network smells nothing half an hour later.
  'odorant-stop': { technique: 'T0855', kind: 'writes', covers: true, plants: { gas: { day: { lasts: 3600 }, harms: {} } } },
  'write-flood': {
    technique: 'T0806',
    kind: 'writes',
    plants: {
      water: { harms: { 'pump1.speed': 20 }, taken: ['wash.start', 'shift.acknowledge'] },
      heat: { harms: { 'pump2.speed': 5, 'valve.output': 10 } },
      gas: { harms: { 'line1.flow': 200, 'odorant.rate': 50 } }
    }
  },
  'sensor-freeze': forges('T0856'),
  'sensor-bias': forges('T0856'),
  'report-drift': forges('T0856'),
  'report-noise': forges('T0856'),
  'report-scaling': forges('T0856'),
  replay: forges('T0856', { with: { agoSeconds: 100, stretchSeconds: 60 } }),
  'totaliser-rollback': forges('T0856'),
  'unit-scan': asks(
    'T0846',
    247,
    kinds(({ unit }) => unit)
  ),
  'function-scan': asks('T0888', 127, kinds(code)),
  'register-scan': asks(
    'T0861',
    400,
    kinds(({ request }) => request)
  ),
  'identity-probe': asks('T0888', 4, started('2b0e01', '2b0e02', '2b0e03', '11')),
  'new-reader': asks('T0801', 4, kinds(code)),
  'rogue-write': asks('T0848', 20, (said) => said.filter((one) => ['06', '10'].includes(code(one))).length),
  'program-mode': asks('T0843', 3, started('5a0002', '5a0010', '5a0131')),
  'malformed-frames': asks(
    'T0814',
    20,
    kinds(({ request }) => request)
  ),
  'connection-exhaustion': { technique: 'T0814', kind: 'denies' },
  'listen-only': { technique: 'T0814', kind: 'denies' },
  'restart-communications': { technique: 'T0816', kind: 'denies' },
  'spoofed-reply': { technique: 'T0832', kind: 'in the middle' },
  'spoofed-request': { technique: 'T0831', kind: 'in the middle' },
  'agent-stopped': { technique: 'T0881', kind: 'on our eyes' },
  'agent-clock-shifted': { technique: 'T0856', kind: 'on our eyes' },
  'forged-message': { technique: 'T0856', kind: 'on our eyes' },
  'messages-dropped': { technique: 'T0804', kind: 'on our eyes' },
  'config-changed': { technique: 'T0838', kind: 'on our eyes' },
  'endpoint-sweep': { technique: 'T0846', kind: 'over OPC UA' },
  'password-guessing': { technique: 'T0859', kind: 'over OPC UA' },
  'anonymous-session': { technique: 'T0812', kind: 'over OPC UA' },
  'opcua-write': { technique: 'T0855', kind: 'over OPC UA' },
  'opcua-call': { technique: 'T0878', kind: 'over OPC UA' },
  'certificate-swap': { technique: 'T0849', kind: 'over OPC UA' },
  'downgrade-to-none': { technique: 'T0830', kind: 'over OPC UA' }
}
