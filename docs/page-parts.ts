// What generated pages are put together from: a text in the language of the page, and tables.

export type Say = (zh: string, en: string) => string

export const listed = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')
