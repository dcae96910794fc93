// Language and appearance, at hand on every page and before sign-in.
import { useLayoutEffect, useSyncExternalStore } from 'react'
import { language, THEMES, theme } from '../settings.ts'
import { useWords } from '../words.ts'
import { Icon } from './icon.tsx'

export function LanguageSwitch() {
  const words = useWords()
  const other = words.language === 'zh-CN' ? 'en' : 'zh-CN'
  return (
    <button
      type="button"
      className="tool"
      lang={other}
      title={words.t('setting.language')}
      onClick={() => language.set(other)}
      data-testid="language"
    >
      <Icon name="language" />
      <span>{words.t('setting.language.other')}</span>
    </button>
  )
}

export function ThemeSwitch() {
  const { t } = useWords()
  const name = useSyncExternalStore(theme.subscribe, theme.get)
  const label = t('setting.theme', { theme: t(`setting.theme.${name}`) })
  const next = THEMES[(THEMES.indexOf(name) + 1) % THEMES.length] ?? 'auto'
  return (
    <button type="button" className="tool" aria-label={label} title={label} onClick={() => theme.set(next)} data-testid="theme">
      <Icon name={name} />
    </button>
  )
}

// The page itself carries both: fonts and hyphenation follow the language, colours follow the appearance.
export function useSettingsOnPage(): void {
  const words = useWords()
  const name = useSyncExternalStore(theme.subscribe, theme.get)
  useLayoutEffect(() => {
    document.documentElement.lang = words.language
  }, [words.language])
  useLayoutEffect(() => {
    if (name === 'auto') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = name
  }, [name])
}
