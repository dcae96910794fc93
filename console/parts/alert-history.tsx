// What happened to an alert, newest first: what the rules saw and what people decided.
import type { AlertEvent } from '#contract/alert.ts'
import { useWords } from '../words.ts'
import { sayFigure } from './figures.tsx'
import { Moment } from './moment.tsx'

export function AlertHistory({ history }: { history: readonly AlertEvent[] }) {
  const words = useWords()
  const { t } = words
  return (
    <ol className="history" data-testid="history">
      {history
        .map((event, number) => ({ event, number }))
        .reverse()
        .map(({ event, number }) => (
          <li key={number} className={event.by === null ? 'history-rule' : 'history-person'}>
            <span className="history-time">
              <Moment at={event.time} />
            </span>
            <div>
              <p>
                <strong>{t(`event.${event.what}`)}</strong> <span className="quiet">{event.by ?? t('event.byRule')}</span>
              </p>
              {event.note === null ? null : <p className="history-note">{event.note}</p>}
              {event.evidence === null ? null : (
                <p className="quiet small">
                  {Object.entries(event.evidence)
                    .map(([name, value]) => `${name} ${sayFigure(name, value, words)}`)
                    .join(' · ')}
                </p>
              )}
            </div>
          </li>
        ))}
    </ol>
  )
}
