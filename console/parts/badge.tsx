// The one badge of an alert: its condition (set by the rules) and its handling (set by people) in a word.
import type { Alert } from '#contract/alert.ts'
import type { PlainWord } from '../i18n.ts'
import { useWords } from '../words.ts'

export function badgeOf({ condition, handling }: Pick<Alert, 'condition' | 'handling'>): { word: PlainWord; look: string } {
  if (handling === 'new')
    return condition === 'active' ? { word: 'handling.new', look: 'new' } : { word: 'badge.cleared_new', look: 'cleared' }
  if (handling === 'acknowledged') return { word: 'handling.acknowledged', look: 'known' }
  if (handling === 'investigating') return { word: 'handling.investigating', look: 'known' }
  return { word: `handling.${handling}`, look: 'done' }
}

export function AlertBadge({ alert }: { alert: Pick<Alert, 'condition' | 'handling'> }) {
  const { t } = useWords()
  const { word, look } = badgeOf(alert)
  const told = alert.handling === 'new'
  return (
    <span className="badges">
      <span className={`badge ${look}`}>{t(word)}</span>
      {told ? null : <span className="badge-condition">{t(`condition.${alert.condition}`)}</span>}
    </span>
  )
}
