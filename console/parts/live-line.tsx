// Whether the page is live. When it is not, a line across the page says since when values may be old.
import { useNow } from '../clock.ts'
import { useLiveState } from '../live-page.ts'
import { useWords } from '../words.ts'
import { Icon } from './icon.tsx'

export function LiveLine() {
  const { t, format } = useWords()
  const state = useLiveState()
  if (state.name !== 'lost') return null
  const text = state.since === null ? t('live.never') : t('live.lost.detail', { time: format.dateTime(state.since) })
  return (
    <div className="live-line" role="alert" data-testid="live-lost">
      <Icon name="lost" />
      <p>{text}</p>
    </div>
  )
}

export function LiveMark() {
  const { t } = useWords()
  const { name } = useLiveState()
  const word = { live: 'live.on', connecting: 'live.connecting', lost: 'live.lost' } as const
  return (
    <span className={`live-mark ${name}`} data-testid="live-mark">
      <span className="live-dot" aria-hidden="true" />
      {t(word[name])}
    </span>
  )
}

const inBeijing = ['Asia/Shanghai', 'Asia/Chongqing', 'Asia/Harbin', 'PRC'].includes(Intl.DateTimeFormat().resolvedOptions().timeZone)

export function Clock() {
  const { t, format } = useWords()
  const now = useNow()
  return (
    <span className="clock">
      <time dateTime={new Date(now).toISOString()} title={t('time.utc', { time: format.utc(now) })}>
        {format.time(now)}
      </time>
      <span className="clock-zone">{inBeijing ? t('time.beijing') : format.zone(now)}</span>
    </span>
  )
}
