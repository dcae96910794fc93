// Accounts: the system administrator adds, disables and resets them, the auditor reads. Nobody is ever deleted from the trail.
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Account } from '#contract/account.ts'
import { api } from '../api.ts'
import { useSession } from '../live-page.ts'
import { AddAccount, ResetPassword } from '../parts/account-forms.tsx'
import { Answer, Empty, faultText } from '../parts/fault.tsx'
import { Icon } from '../parts/icon.tsx'
import { Moment } from '../parts/moment.tsx'
import { PageTitle } from '../parts/page.tsx'
import { tell } from '../parts/say.tsx'
import { accountsQuery, queries } from '../queries.ts'
import { useWords } from '../words.ts'

export function AccountsPage() {
  const { t } = useWords()
  const role = useSession()?.account.role
  return role === 'system-administrator' || role === 'auditor' ? (
    <Accounts />
  ) : (
    <>
      <PageTitle title={t('accounts.title')} />
      <Empty title={t('accounts.forbidden')} />
    </>
  )
}

function Accounts() {
  const { t } = useWords()
  const mayChange = useSession()?.account.role === 'system-administrator'
  const query = useQuery(accountsQuery)
  const [dialog, setDialog] = useState<'add' | Account | null>(null)
  const close = () => setDialog(null)
  const changed = (name: string) => {
    close()
    tell(t('accounts.changed', { name }))
    void queries.invalidateQueries({ queryKey: accountsQuery.queryKey })
  }
  const toggle = async (account: Account) => {
    try {
      await api.changeAccount(account.name, { disabled: !account.disabled })
      changed(account.name)
    } catch (fault) {
      tell(faultText(fault, t))
    }
  }
  return (
    <>
      <PageTitle title={t('accounts.title')}>
        {mayChange ? (
          <button type="button" className="button primary push" onClick={() => setDialog('add')}>
            <Icon name="plus" />
            {t('accounts.add')}
          </button>
        ) : null}
      </PageTitle>
      <Answer query={query}>
        {(accounts) => (
          <table className="table accounts" data-testid="accounts">
            <thead>
              <tr>
                <th scope="col">{t('accounts.name')}</th>
                <th scope="col">{t('accounts.role')}</th>
                <th scope="col">{t('accounts.state')}</th>
                <th scope="col">{t('accounts.lastSignIn')}</th>
                <th scope="col">{t('accounts.created')}</th>
                {mayChange ? <th scope="col">{t('alerts.column.action')}</th> : null}
              </tr>
            </thead>
            <tbody>
              {accounts.map((account) => (
                <Row key={account.name} account={account} onToggle={() => void toggle(account)} onReset={() => setDialog(account)} />
              ))}
            </tbody>
          </table>
        )}
      </Answer>
      {dialog === 'add' ? <AddAccount onClose={close} onDone={changed} /> : null}
      {dialog !== null && dialog !== 'add' ? <ResetPassword account={dialog} onClose={close} onDone={changed} /> : null}
    </>
  )
}

interface RowProps {
  account: Account
  onToggle: (() => void) | undefined
  onReset: (() => void) | undefined
}

function Row({ account, onToggle, onReset }: RowProps) {
  const { t } = useWords()
  const self = useSession()?.account.name === account.name
  return (
    <tr className={account.disabled ? 'off' : undefined}>
      <th scope="row">
        {account.name} {self ? <span className="quiet">({t('accounts.self')})</span> : null}
      </th>
      <td data-label={t('accounts.role')}>{t(`role.${account.role}`)}</td>
      <td data-label={t('accounts.state')}>
        {t(account.disabled ? 'accounts.disabled' : 'accounts.enabled')}
        {account.mustChangePassword ? <span className="under">{t('accounts.mustChange')}</span> : null}
      </td>
      <td data-label={t('accounts.lastSignIn')}>
        <Moment at={account.lastSignIn} form="dateTime" />
      </td>
      <td data-label={t('accounts.created')}>
        <Moment at={account.createdAt} form="dateTime" />
      </td>
      {onToggle === undefined ? null : (
        <td className="cell-action">
          {self ? null : (
            <span className="buttons">
              <button type="button" className="button" onClick={onReset}>
                {t('accounts.reset')}
              </button>
              <button type="button" className="button" onClick={onToggle}>
                {t(account.disabled ? 'accounts.enable' : 'accounts.disable')}
              </button>
            </span>
          )}
        </td>
      )}
    </tr>
  )
}
