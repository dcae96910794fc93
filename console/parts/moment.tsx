// A moment as text: local time on the page, UTC on hover, the machine's form in the markup.
import { useNow } from '../clock.ts'
import { useWords } from '../words.ts'

type Form = 'moment' | 'dateTime' | 'time'

export function Moment({ at, form = 'moment' }: { at: number | null | undefined; form?: Form }) {
  const { t, format } = useWords()
  if (at === null || at === undefined) return <span className="quiet">{t('time.never')}</span>
  return (
    <time dateTime={new Date(at).toISOString()} title={t('time.utc', { time: format.utc(at) })}>
      {format[form](at)}
    </time>
  )
}

export function Ago({ at }: { at: number | null | undefined }) {
  const { t, format } = useWords()
  const now = useNow()
  if (at === null || at === undefined) return <span className="quiet">{t('time.never')}</span>
  const text = now - at < 1000 ? t('time.now') : format.ago(at, now)
  return (
    <time dateTime={new Date(at).toISOString()} title={`${format.dateTime(at)} · ${t('time.utc', { time: format.utc(at) })}`}>
      {text}
    </time>
  )
}
