// The state of an agent, a device or a part of the centre. Normal is grey; unknown has a pattern of its own.
import type { PlainWord } from '../i18n.ts'
import { useWords } from '../words.ts'

const STATES = {
  online: 'calm',
  ok: 'calm',
  degraded: 'doubt',
  silent: 'fail',
  stopped: 'doubt',
  offline: 'fail',
  failing: 'fail',
  unknown: 'unknown'
} as const

export type StateName = keyof typeof STATES

export function StateMark({ state }: { state: StateName }) {
  const { t } = useWords()
  const word: PlainWord = `state.${state}`
  return (
    <span className={`state ${STATES[state]}`}>
      <span className="state-dot" aria-hidden="true" />
      {t(word)}
    </span>
  )
}
