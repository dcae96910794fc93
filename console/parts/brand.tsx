// The name of the product with its mark.
import { useWords } from '../words.ts'
import { Logo } from './icon.tsx'

export function Brand() {
  const { t, language } = useWords()
  return (
    <span className="brand">
      <Logo />
      <span className="brand-name">{t('app.name')}</span>
      {language === 'zh-CN' ? (
        <span className="brand-latin" lang="en">
          Penstock
        </span>
      ) : null}
    </span>
  )
}
