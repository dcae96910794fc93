// Who is signed in, with the way to change the password and to leave.
import { useState } from 'react'
import type { Session } from '#contract/api.ts'
import { api } from '../api.ts'
import { queries, sessionQuery } from '../queries.ts'
import { useWords } from '../words.ts'
import { Dialog } from './dialog.tsx'
import { faultText } from './fault.tsx'
import { Icon } from './icon.tsx'
import { PasswordForm } from './password-form.tsx'
import { tell } from './say.tsx'

export function AccountMenu({ session }: { session: Session }) {
  const { t } = useWords()
  const [changing, setChanging] = useState(false)
  const { name, role } = session.account
  const leave = async () => {
    try {
      await api.signOut()
    } catch (fault) {
      return tell(faultText(fault, t))
    }
    queries.setQueryData(sessionQuery.queryKey, null)
  }
  return (
    <>
      <button type="button" className="tool" popoverTarget="account-menu" aria-label={t('setting.account', { name })} title={name}>
        <Icon name="account" />
        <span className="tool-text">{name}</span>
      </button>
      <div id="account-menu" popover="auto" className="menu menu-account">
        <p className="menu-who">
          <strong>{name}</strong>
          <span className="quiet">{t(`role.${role}`)}</span>
        </p>
        <button type="button" popoverTarget="account-menu" popoverTargetAction="hide" onClick={() => setChanging(true)}>
          {t('password.title')}
        </button>
        <button type="button" onClick={() => void leave()} data-testid="sign-out">
          {t('signin.out')}
        </button>
      </div>
      {changing ? (
        <Dialog title={t('password.title')} onClose={() => setChanging(false)}>
          <PasswordForm
            onCancel={() => setChanging(false)}
            onDone={() => {
              setChanging(false)
              tell(t('password.saved'))
            }}
          />
        </Dialog>
      ) : null}
    </>
  )
}
