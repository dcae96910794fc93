// Starts the console in the page.
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import './style.css'

const place = document.getElementById('root')
if (place === null) throw new Error('the page has no element #root')
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>
)
