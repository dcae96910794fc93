// Moves the picture: values, levels, wheels and lamps as the server tells them, and the buttons that play attacks and faults.
const words = JSON.parse(document.body.dataset.words)
const at = (id) => document.getElementById(id)
const each = (name, act) => {
  for (const node of document.querySelectorAll(`[data-${name}]`)) act(node, node.dataset[name])
}

function show({ clock, values, alarms, playing, labels }) {
  at('clock').textContent = clock
  each('value', (node, tag) => {
    node.textContent = values[tag]?.text ?? '–'
  })
  each('on', (node, tag) => node.classList.toggle('on', (values[tag]?.value ?? 0) > 0))
  each('turns', (node, tag) => node.classList.toggle('on', (values[tag]?.value ?? 0) > 0))
  each('alarm', (node, tag) => node.classList.toggle('alarm', (values[tag]?.value ?? 0) > 0))
  each('level', (node, tag) => {
    const { low, high, top, height } = node.dataset
    const share = Math.min(1, Math.max(0, ((values[tag]?.value ?? 0) - low) / (high - low)))
    node.setAttribute('height', String(share * height))
    node.setAttribute('y', String(Number(top) + (1 - share) * height))
  })
  const wrong = new Set(alarms.map(({ tag }) => tag))
  each('wrong', (node, tag) => node.classList.toggle('wrong', wrong.has(tag)))
  each('play', (node, name) => node.setAttribute('aria-pressed', String(playing.includes(node.dataset.as ?? name))))
  list('alarms', alarms.length === 0 ? [{ text: words.quiet }] : alarms.map(({ text }) => ({ text: `▲ ${text}`, open: true })))
  const told = labels.map(({ title, technique, tags, hosts, from, to, open }) => ({
    text: [`${from} – ${to}`, technique, title, [...tags, ...hosts].join(', ')].filter(Boolean).join('  '),
    open
  }))
  list('labels', told.length === 0 ? [{ text: words.none }] : told)
}

// Only what changed is written, so that screen readers say it once.
function list(id, lines) {
  const wanted = JSON.stringify(lines)
  if (at(id).dataset.shown === wanted) return
  at(id).dataset.shown = wanted
  at(id).replaceChildren(
    ...lines.map(({ text, open }) => {
      const line = document.createElement('li')
      line.className = open ? 'open' : 'quiet'
      line.textContent = text
      return line
    })
  )
}

async function order(node) {
  const { play, as, parameters } = node.dataset
  const action = node.getAttribute('aria-pressed') === 'true' ? 'stop' : 'start'
  node.disabled = true
  try {
    const reply = await fetch(`./api/${action}?language=${document.documentElement.lang}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(
        action === 'stop' ? { name: as ?? play } : { name: play, ...(parameters ? { parameters: JSON.parse(parameters) } : {}) }
      )
    })
    at('fault').textContent = reply.ok ? '' : (await reply.json()).message
  } catch {
    at('fault').textContent = words.lost
  }
  node.disabled = false
}

each('play', (node) => node.addEventListener('click', () => order(node)))
at('sites')?.addEventListener('change', ({ target }) => location.assign(`../${encodeURIComponent(target.value)}/${location.search}`))

function isLost(lost) {
  at('lost').textContent = lost ? words.lost : ''
  document.body.classList.toggle('stale', lost)
}

function listen() {
  const stream = new EventSource(`./api/live?language=${document.documentElement.lang}`)
  stream.addEventListener('message', ({ data }) => {
    isLost(false)
    show(JSON.parse(data))
  })
  stream.addEventListener('error', () => {
    isLost(true)
    // A browser comes again by itself, but not after an answer that was no stream.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 2000)
  })
}
listen()
