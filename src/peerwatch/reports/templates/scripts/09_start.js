'use strict';
// Says that the page can be used, draws the figures, and, where a run serves it, asks for a newer page.
(() => {
  const { data, drawFigures } = Peerwatch;
  const EVERY = 5000;

  async function newer() {
    const answer = await fetch('version', { cache: 'no-store' });
    if (answer.ok && Number(await answer.text()) > data.live) location.reload();
  }

  Promise.resolve(Peerwatch.listed).then(() => {
    document.documentElement.dataset.ready = 'yes';
    drawFigures();
  });
  if (data.live) setInterval(() => newer().catch(() => undefined), EVERY);
})();
