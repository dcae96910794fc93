// Rows of a wide table: at each step of time the value that every tag had then. Samples come in batches and out of order, so a
// row waits a while before it is written; what comes later still is counted, never put into another row's time.
import { isBad } from '#contract/quality.ts'
import type { SampleValue, View } from '#contract/sample.ts'
import { ActiveLabels } from './active-labels.ts'
import type { RecordedMessage, RecordingEntry } from './recording.ts'
import { type KnownTag, TagDirectory } from './tag-directory.ts'

interface Change {
  time: number
  column: number
  value: SampleValue
}

export class WideRows {
  readonly columns: readonly string[]
  readonly #tags: readonly KnownTag[]
  readonly #columnOf: ReadonlyMap<string, number>
  readonly #view: View
  readonly #everyMs: number
  readonly #holdMs: number
  readonly #directory = new TagDirectory()
  readonly #labels = new ActiveLabels()
  readonly #cells: string[]
  #waiting: Change[] = []
  #next: number
  #latest: number
  /** The time of the last row that was written: only what happened after it can still be told. */
  #written = Number.NEGATIVE_INFINITY
  #leftOut = 0

  constructor(options: { tags: readonly KnownTag[]; view: View; everyMs: number; holdMs: number; startTime: number }) {
    const { tags, view, everyMs, holdMs, startTime } = options
    this.#tags = tags
    this.columns = columnNames(tags)
    this.#columnOf = new Map(tags.map((one, column) => [placeOf(one), column]))
    this.#view = view
    this.#everyMs = everyMs
    this.#holdMs = holdMs
    this.#cells = tags.map(() => '')
    this.#next = startTime
    this.#latest = startTime
  }

  /** Samples that came too late for the rows of their time, or of tags that no birth told of. */
  get leftOut(): number {
    return this.#leftOut
  }

  *take(entry: RecordingEntry): Generator<string[]> {
    this.#latest = Math.max(this.#latest, entry.time)
    if ('label' in entry) this.#labels.learn(entry.label)
    else if ('message' in entry) this.#hear(entry.message, entry.time)
    // In strides of the hold, so that what waits is not sorted anew for every row.
    const due = this.#latest - this.#holdMs
    if (due - this.#next >= this.#holdMs) yield* this.#rowsUntil(due)
  }

  /** What waits when the recording is over. */
  *rest(): Generator<string[]> {
    yield* this.#rowsUntil(this.#latest)
  }

  *#rowsUntil(last: number): Generator<string[]> {
    const changes = this.#waiting.sort((a, b) => a.time - b.time)
    let done = 0
    for (; this.#next <= last; this.#next += this.#everyMs) {
      for (let change = changes[done]; change !== undefined && change.time <= this.#next; change = changes[++done])
        this.#cells[change.column] = change.value === null ? '' : String(change.value)
      this.#written = this.#next
      yield [new Date(this.#next).toISOString(), ...this.#cells, this.#labels.at(this.#next).join(' ')]
    }
    this.#waiting = changes.slice(done)
  }

  #hear(message: RecordedMessage, time: number): void {
    if (message.kind === 'birth') this.#directory.learn(message)
    else if (message.kind === 'samples' && message.view === this.#view) {
      const map = this.#directory.mapOf(message)
      for (const [i, id] of message.tags.entries()) {
        const known = map?.get(id)
        const bad = isBad(message.qualities[i] ?? 0)
        this.#change(known, message.base + (message.times[i] ?? 0), bad ? null : (message.values[i] ?? null))
      }
    } else if (message.kind === 'gap')
      this.#silence(message.agent, message.device, message.from ?? message.to ?? time, message.to ?? Number.POSITIVE_INFINITY)
    else if (message.kind === 'death') this.#silence(message.agent, undefined, message.time ?? time, Number.POSITIVE_INFINITY)
  }

  // From here on nobody knows the values, until the next sample of each tag. Rows that are written stay as they are.
  #silence(agent: string, device: string | undefined, from: number, to: number): void {
    if (this.#view !== 'polled' || to <= this.#written) return
    const time = Math.max(from, this.#written + 1)
    for (const [column, known] of this.#tags.entries())
      if (known.agent === agent && (device === undefined || known.tag.device === device)) this.#waiting.push({ time, column, value: null })
  }

  #change(known: KnownTag | undefined, time: number, value: SampleValue): void {
    const column = known === undefined ? undefined : this.#columnOf.get(placeOf(known))
    if (column === undefined || time <= this.#written) this.#leftOut++
    else this.#waiting.push({ time, column, value })
  }
}

const placeOf = ({ agent, tag }: KnownTag): string => `${agent}/${tag.name}`

// A name that two agents use is told with its agent.
function columnNames(tags: readonly KnownTag[]): string[] {
  const agents = new Map<string, number>()
  for (const { tag } of tags) agents.set(tag.name, (agents.get(tag.name) ?? 0) + 1)
  return tags.map((one) => (agents.get(one.tag.name) === 1 ? one.tag.name : placeOf(one)))
}
