'use strict';
// The page's data, and the evidence: compressed blocks that are decoded when somebody asks for one of their episodes.
(() => {
  const data = JSON.parse(document.getElementById('page-data').textContent);
  const decoded = new Map();
  const arriving = new Map();

  // Called by the scripts beside a large page, which do not know what number they have in it.
  window.peerwatchBlock = (text) => arriving.get(Number(document.currentScript.dataset.number))?.(text);

  function fromFile(number) {
    return new Promise((resolve, reject) => {
      arriving.set(number, resolve);
      const script = document.createElement('script');
      script.dataset.number = number;
      script.src = data.beside[number];
      script.onerror = () => reject(new Error(`${data.beside[number]} is not next to this page`));
      document.head.append(script);
    });
  }

  async function decode(number) {
    const inside = document.getElementById(`block-${number}`);
    const text = inside ? inside.textContent : await fromFile(number);
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return JSON.parse(await new Response(stream).text());
  }

  function block(number) {
    if (!decoded.has(number)) {
      const found = decode(number);
      found.catch(() => decoded.delete(number));
      decoded.set(number, found);
    }
    return decoded.get(number);
  }

  /** Everything about the episode of that number. */
  async function episode(number) {
    const { block: blocks, place } = data.episodes;
    return (await block(blocks[number]))[place[number]];
  }

  /** What the list says of the episode of that number; of a long list the words are in blocks as well. */
  async function line(number) {
    const { lines, lines_each: each } = data.episodes;
    if (lines !== undefined) return (await block(lines + Math.floor(number / each)))[number % each];
    return Object.fromEntries(['sample', 'subject', 'act', 'quote', 'quoted', 'excerpt'].map((key) => [key, data.episodes[key][number]]));
  }

  Object.assign(Peerwatch, { data, block, episode, line });
})();
