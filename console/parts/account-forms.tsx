// The two dialogs of the accounts page: a new account, and a new first password for an old one.
import { type FormEvent, type ReactNode, useState } from 'react'
import { type Account, ROLES_OF_PEOPLE } from '#contract/account.ts'
import { api } from '../api.ts'
import { useWords } from '../words.ts'
import { Dialog } from './dialog.tsx'
import { faultText } from './fault.tsx'
import { Field, Select } from './field.tsx'
import { SHORTEST_PASSWORD } from './password-form.tsx'

interface Props {
  onClose: () => void
  onDone: (name: string) => void
}

export function AddAccount({ onClose, onDone }: Props) {
  const { t } = useWords()
  return (
    <Asking
      title={t('accounts.add')}
      onClose={onClose}
      onSubmit={async (form) => {
        const name = String(form.get('name'))
        const role = ROLES_OF_PEOPLE.find((one) => one === form.get('role')) ?? 'auditor'
        await api.addAccount({ name, role, password: String(form.get('password')) })
        onDone(name)
      }}
    >
      <Field
        label={t('accounts.name')}
        name="name"
        required
        pattern="[a-z][a-z0-9._\-]{1,31}"
        maxLength={32}
        autoComplete="off"
        rule={t('accounts.name.rule')}
      />
      <Select
        label={t('accounts.role')}
        name="role"
        defaultValue="security-operator"
        choices={ROLES_OF_PEOPLE.map((role) => ({ value: role, label: `${t(`role.${role}`)} – ${t(`accounts.role.${role}`)}` }))}
      />
      <FirstPassword />
    </Asking>
  )
}

export function ResetPassword({ account, onClose, onDone }: Props & { account: Account }) {
  const { t } = useWords()
  return (
    <Asking
      title={t('accounts.reset.title', { name: account.name })}
      onClose={onClose}
      onSubmit={async (form) => {
        await api.changeAccount(account.name, { password: String(form.get('password')) })
        onDone(account.name)
      }}
    >
      <p>{t('accounts.reset.effect')}</p>
      <FirstPassword />
    </Asking>
  )
}

function FirstPassword() {
  const { t } = useWords()
  return (
    <Field
      label={t('accounts.first')}
      name="password"
      type="password"
      required
      minLength={SHORTEST_PASSWORD}
      maxLength={200}
      autoComplete="new-password"
      rule={t('accounts.first.rule')}
    />
  )
}

interface AskingProps {
  title: string
  onClose: () => void
  onSubmit: (form: FormData) => Promise<void>
  children: ReactNode
}

function Asking({ title, onClose, onSubmit, children }: AskingProps) {
  const { t } = useWords()
  const [fault, setFault] = useState<string>()
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setBusy(true)
    try {
      await onSubmit(new FormData(event.currentTarget))
    } catch (cause) {
      setFault(faultText(cause, t))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        {children}
        {fault === undefined ? null : (
          <p className="field-fault" role="alert">
            {fault}
          </p>
        )}
        <div className="form-actions">
          <button type="button" className="button" onClick={onClose}>
            {t('ui.cancel')}
          </button>
          <button type="submit" className="button primary" disabled={busy}>
            {t('ui.save')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
