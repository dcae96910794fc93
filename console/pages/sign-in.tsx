// Signing in, and the forced change of a first password. Language and appearance can be chosen before either.
import { type FormEvent, type ReactNode, useState } from 'react'
import { ApiFault, api } from '../api.ts'
import { Brand } from '../parts/brand.tsx'
import { faultText } from '../parts/fault.tsx'
import { Field } from '../parts/field.tsx'
import { PageTitle } from '../parts/page.tsx'
import { PasswordForm } from '../parts/password-form.tsx'
import { LanguageSwitch, ThemeSwitch } from '../parts/settings-menu.tsx'
import { queries, sessionQuery } from '../queries.ts'
import { useWords } from '../words.ts'

export function SignInPage() {
  const { t } = useWords()
  const [fault, setFault] = useState<string>()
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setBusy(true)
    setFault(undefined)
    try {
      const session = await api.signIn(String(form.get('name')), String(form.get('password')))
      queries.setQueryData(sessionQuery.queryKey, session)
    } catch (cause) {
      const status = cause instanceof ApiFault ? cause.status : undefined
      setFault(status === 401 ? t('signin.wrong') : status === 429 ? t('signin.tooMany') : faultText(cause, t))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Gate>
      <PageTitle title={t('signin.title')} />
      <form className="form" onSubmit={(event) => void submit(event)}>
        <Field
          label={t('signin.name')}
          name="name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          maxLength={100}
        />
        <Field label={t('signin.password')} name="password" type="password" autoComplete="current-password" required maxLength={200} />
        {fault === undefined ? null : (
          <p className="field-fault" role="alert" data-testid="sign-in-fault">
            {fault}
          </p>
        )}
        <button type="submit" className="button primary wide" disabled={busy}>
          {t(busy ? 'signin.busy' : 'signin.submit')}
        </button>
      </form>
      <p className="quiet small">{t('signin.first')}</p>
    </Gate>
  )
}

export function FirstPasswordPage() {
  const { t } = useWords()
  return (
    <Gate>
      <PageTitle title={t('password.title')} />
      <p>{t('password.must')}</p>
      <PasswordForm onDone={() => void queries.invalidateQueries({ queryKey: sessionQuery.queryKey })} />
    </Gate>
  )
}

function Gate({ children }: { children: ReactNode }) {
  const { t } = useWords()
  return (
    <div className="gate">
      <header className="gate-bar">
        <LanguageSwitch />
        <ThemeSwitch />
      </header>
      <main className="gate-box">
        <div className="gate-brand">
          <Brand />
          <p className="quiet">{t('app.claim')}</p>
        </div>
        {children}
      </main>
    </div>
  )
}
