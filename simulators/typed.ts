// What is wrong with what was typed, told in the words that were typed: nobody has seen the scenario that a command line becomes.
import { basename } from 'node:path'
import type { Text } from '#contract/text.ts'
import { UsageFault } from '#runtime/command-line.ts'
import type { ConfigFault } from '#runtime/config-file.ts'
import { FAULTS } from './faults/faults.ts'
import type { TimelineFault } from './timeline.ts'

export interface PlayRequest {
  name: string
  /** Simulated time after the start, as in a timeline. */
  at: string
}

export interface Typed {
  attack: readonly PlayRequest[]
  fault: readonly PlayRequest[]
}

/** The faults of the scenario that options and steps were made into, the attacks before the faults. */
export function typedFault(fault: ConfigFault, typed: Typed): UsageFault {
  // They come in the language of the reader.
  const lines = fault.faults.map(({ path, message }) => told(path.split('.'), { zh: message, en: message }, typed))
  return usageFault(lines, { cause: fault })
}

/** What is wrong only as the steps that were typed come after those of a file. */
export function joinedFault(faults: readonly TimelineFault[], { file, steps, ...typed }: Typed & { file: string; steps: number }) {
  return usageFault(
    faults.map(({ path: [head = '', i, ...inner], zh, en }) => {
      if (Number(i) >= steps) return told([head, Number(i) - steps, ...inner].map(String), { zh, en }, typed)
      const place = `${basename(file)} timeline.${i}`
      return { zh: `命令行：与 ${place} 冲突：${zh}`, en: `command line: collides with ${place}: ${en}` }
    })
  )
}

const usageFault = (lines: readonly Text[], options?: ErrorOptions): UsageFault =>
  new UsageFault(lines.map(({ zh }) => zh).join('\n'), lines.map(({ en }) => en).join('\n'), options)

function told([head = '', i, ...inner]: readonly string[], { zh, en }: Text, { attack, fault }: Typed): Text {
  const words = [...attack.map((step) => wordsOf('attack', step)), ...fault.map((step) => wordsOf('fault', step))]
  const word = head === 'timeline' ? (words[Number(i)] ?? '--attack, --fault') : `--${head}`
  const key = inner[0] === 'with' && inner.length > 1 && !isTrouble(fault[Number(i) - attack.length]) ? `${inner.slice(1).join('.')}: ` : ''
  return { zh: `命令行：${word}：${key}${zh}`, en: `command line: ${word}: ${key}${en}` }
}

const wordsOf = (option: string, { name, at }: PlayRequest): string => `--${option} ${name}${at === '00:00' ? '' : `@${at}`}`

/** Of a trouble of the plant only its name is typed. */
export const isTrouble = (step: PlayRequest | undefined): boolean => step !== undefined && !Object.hasOwn(FAULTS, step.name)
