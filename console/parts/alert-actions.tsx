// What a person may do with an alert now, with note and disposition. A decision on an old state is refused, not lost.
import { useState } from 'react'
import { ALERT_ACTIONS, type AlertAction, type AlertDetail, DISPOSITIONS, type Disposition, TRANSITIONS } from '#contract/alert.ts'
import { api, isConflict } from '../api.ts'
import { useSession } from '../live-page.ts'
import { alertQuery, queries } from '../queries.ts'
import { useWords } from '../words.ts'
import { faultText } from './fault.tsx'
import { Select } from './field.tsx'
import { tell } from './say.tsx'

// From this severity on, a disposition is needed to resolve (contract/api.ts, AlertActionRequest).
const GRAVE = 4

export function AlertActions({ detail }: { detail: AlertDetail }) {
  const { t } = useWords()
  const { alert } = detail
  const mayAct = useSession()?.account.role === 'security-operator'
  const [note, setNote] = useState('')
  const [disposition, setDisposition] = useState<Disposition | ''>('')
  const [fault, setFault] = useState<{ kind: 'conflict' | 'note' | 'disposition' | 'other'; text: string } | null>(null)
  const [busy, setBusy] = useState(false)

  if (!mayAct) return <p className="quiet">{t('alerts.readonly')}</p>

  const possible = ALERT_ACTIONS.filter((action) => TRANSITIONS[action].from.includes(alert.handling))
  const first = possible.find((action) => action !== 'comment')

  const act = async (action: AlertAction) => {
    if (action === 'comment' && note.trim() === '') return setFault({ kind: 'note', text: t('action.needsNote') })
    if (action === 'resolve' && disposition === '' && alert.severity >= GRAVE)
      return setFault({ kind: 'disposition', text: t('action.needsDisposition') })
    setBusy(true)
    setFault(null)
    try {
      const answer = await api.act(alert.id, {
        action,
        version: alert.version,
        ...(note.trim() === '' ? {} : { note: note.trim() }),
        ...(action === 'resolve' && disposition !== '' ? { disposition } : {})
      })
      queries.setQueryData(alertQuery(alert.id).queryKey, answer)
      void queries.invalidateQueries({ queryKey: ['overview'] })
      setNote('')
      tell(t('action.done', { action: t(`action.${action}`) }))
    } catch (cause) {
      const conflict = isConflict(cause)
      if (conflict) await queries.invalidateQueries({ queryKey: alertQuery(alert.id).queryKey })
      setFault({ kind: conflict ? 'conflict' : 'other', text: conflict ? t('action.conflict.detail') : faultText(cause, t) })
    } finally {
      setBusy(false)
    }
  }

  return (
    <div className="actions" data-testid="actions">
      {fault?.kind === 'conflict' ? (
        <div className="conflict" role="alert" data-testid="conflict">
          <p className="strong">{t('action.conflict.title')}</p>
          <p>{fault.text}</p>
        </div>
      ) : null}
      <div className="field">
        <label htmlFor="note">{t('action.note')}</label>
        <textarea
          id="note"
          rows={3}
          maxLength={2000}
          value={note}
          placeholder={t('action.note.hint')}
          aria-invalid={fault?.kind === 'note'}
          onChange={(event) => setNote(event.target.value)}
        />
      </div>
      {possible.includes('resolve') ? (
        <Select
          label={t('alert.disposition')}
          value={disposition}
          fault={fault?.kind === 'disposition' ? fault.text : undefined}
          onChange={(event) => setDisposition(DISPOSITIONS.find((name) => name === event.target.value) ?? '')}
          choices={[
            { value: '', label: t('action.choose') },
            ...DISPOSITIONS.map((value) => ({ value, label: t(`disposition.${value}`) }))
          ]}
        />
      ) : null}
      {fault?.kind === 'note' || fault?.kind === 'other' ? (
        <p className="field-fault" role="alert">
          {fault.text}
        </p>
      ) : null}
      <div className="actions-buttons">
        {possible.map((action) => (
          <button
            key={action}
            type="button"
            className={action === first ? 'button primary' : 'button'}
            disabled={busy}
            onClick={() => void act(action)}
          >
            {t(`action.${action}`)}
          </button>
        ))}
      </div>
    </div>
  )
}
