// Changing one's own password; the same form serves the forced change after the first sign-in.
import { type FormEvent, useState } from 'react'
import { ApiFault, api } from '../api.ts'
import { useWords } from '../words.ts'
import { faultText } from './fault.tsx'
import { Field } from './field.tsx'

export const SHORTEST_PASSWORD = 12

export function PasswordForm({ onDone, onCancel }: { onDone: () => void; onCancel?: () => void }) {
  const { t } = useWords()
  const [fault, setFault] = useState<{ current?: string; again?: string; other?: string }>({})
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const [current, next, again] = ['current', 'next', 'again'].map((name) => String(form.get(name)))
    if (current === undefined || next === undefined) return
    if (next !== again) return setFault({ again: t('password.differs') })
    setBusy(true)
    setFault({})
    try {
      await api.changePassword(current, next)
      onDone()
    } catch (cause) {
      const wrong = cause instanceof ApiFault && cause.code === 'WRONG_PASSWORD'
      setFault(wrong ? { current: t('password.wrong') } : { other: faultText(cause, t) })
    } finally {
      setBusy(false)
    }
  }

  return (
    <form className="form" onSubmit={(event) => void submit(event)}>
      <Field label={t('password.current')} name="current" type="password" autoComplete="current-password" required fault={fault.current} />
      <Field
        label={t('password.next')}
        name="next"
        type="password"
        autoComplete="new-password"
        required
        minLength={SHORTEST_PASSWORD}
        maxLength={200}
        rule={t('password.rule')}
      />
      <Field
        label={t('password.again')}
        name="again"
        type="password"
        autoComplete="new-password"
        required
        minLength={SHORTEST_PASSWORD}
        maxLength={200}
        fault={fault.again}
      />
      {fault.other === undefined ? null : (
        <p className="field-fault" role="alert">
          {fault.other}
        </p>
      )}
      <div className="form-actions">
        {onCancel === undefined ? null : (
          <button type="button" className="button" onClick={onCancel}>
            {t('ui.cancel')}
          </button>
        )}
        <button type="submit" className="button primary" disabled={busy}>
          {t('password.save')}
        </button>
      </div>
    </form>
  )
}
