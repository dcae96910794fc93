// One part of the centre: normal in a word; failing with since when, what it means and what happens to the data.
import type { PartState } from '#contract/api.ts'
import { useWords } from '../words.ts'
import { StateMark } from './state.tsx'

export function PartLine({ name, part, waiting }: { name: PartState['part']; part: PartState | undefined; waiting: number }) {
  const { t, say, format } = useWords()
  const failing = part?.state === 'failing'
  return (
    <li className={failing ? 'part failing' : 'part'} data-testid={`part-${name}`}>
      <span className="part-name">{t(`part.${name}`)}</span>
      <StateMark state={part?.state ?? 'unknown'} />
      {failing ? (
        <div className="part-detail">
          <p>{t('part.since', { time: format.dateTime(part.since), detail: say(part.detail) })}</p>
          <p>{t(`part.${name}.failing`)}</p>
          {waiting > 0 && name !== 'quarantine' ? <p>{t('overview.safe', { count: waiting })}</p> : null}
        </div>
      ) : null}
    </li>
  )
}
