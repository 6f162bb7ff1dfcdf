const banner = document.querySelector('holdfast-banner');

/** The banner has no token yet, or an old one. The property keeps it out of the page's markup. */
banner.addEventListener('holdfast-token-expired', async () => {
  const response = await fetch('/holdfast-token', { method: 'POST' });
  if (response.ok) banner.token = (await response.json()).token;
});
