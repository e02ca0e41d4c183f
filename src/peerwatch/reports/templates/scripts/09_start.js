'use strict';
// Says that the page can be used, draws the figures, and, where a run serves it, asks for a newer page.
(() => {
  const { data, drawFigures } = Peerwatch;
  const EVERY = 5000;

  async function newer() {
    const answer = await fetch('version', { cache: 'no-store' });
    const version = await answer.text();
    if (newer.seen && newer.seen !== version) location.reload();
    newer.seen = version;
  }

  Promise.resolve(Peerwatch.listed).then(() => {
    document.documentElement.dataset.ready = 'yes';
    drawFigures();
  });
  if (data.live) setInterval(() => newer().catch(() => undefined), EVERY);
})();
