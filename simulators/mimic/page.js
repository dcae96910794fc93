// Moves the picture: values, levels, wheels and lamps as the server tells them, and the buttons that play attacks and faults.
const words = JSON.parse(document.body.dataset.words)
const at = (id) => document.getElementById(id)
const each = (name, act) => {
  for (const node of document.querySelectorAll(`[data-${name}]`)) act(node, node.dataset[name])
}

function show({ clock, values, playing, labels }) {
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
  each('play', (node, name) => node.setAttribute('aria-pressed', String(playing.includes(node.dataset.as ?? name))))
  const lines = labels.map(({ name, technique, tags, hosts, from, to, open }) => {
    const line = document.createElement('li')
    line.className = open ? 'open' : ''
    line.textContent = [`${from} – ${to}`, technique, name, [...tags, ...hosts].join(', ')].filter(Boolean).join('  ')
    return line
  })
  at('labels').replaceChildren(...lines)
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
const stream = new EventSource(`./api/live?language=${document.documentElement.lang}`)
stream.addEventListener('message', ({ data }) => {
  at('lost').textContent = ''
  show(JSON.parse(data))
})
stream.addEventListener('error', () => {
  at('lost').textContent = words.lost
})
