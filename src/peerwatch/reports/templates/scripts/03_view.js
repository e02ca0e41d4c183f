'use strict';
// What is shown: filters, order, search, the open episode. All of it stands in the address, so that it can be sent.
(() => {
  const KEYS = ['model', 'heading', 'label', 'verdict', 'axis', 'value', 'sort', 'q', 'deep', 'map', 'episode'];
  const view = Object.fromEntries(KEYS.map((key) => [key, '']));
  const listeners = [];

  function read() {
    const given = new URLSearchParams(location.hash.slice(1));
    for (const key of KEYS) view[key] = given.get(key) ?? '';
  }

  function write() {
    const kept = new URLSearchParams();
    for (const key of KEYS) if (view[key]) kept.set(key, view[key]);
    const hash = kept.toString();
    history.replaceState(null, '', hash ? `#${hash}` : location.pathname + location.search);
  }

  /** Change the view and tell everybody what has changed. */
  function show(changes) {
    const changed = Object.keys(changes).filter((key) => view[key] !== changes[key]);
    Object.assign(view, changes);
    write();
    if (changed.length) for (const listener of listeners) listener(changed);
  }

  const onChange = (listener) => listeners.push(listener);

  // A link to a section keeps the view, which then stands in the address again; one to a view replaces it.
  window.addEventListener('hashchange', () => {
    if (location.hash.includes('=')) {
      read();
      for (const listener of listeners) listener(KEYS);
    } else {
      write();
    }
  });

  const number = (names, name) => (name === '' ? -1 : names.indexOf(name));

  /** A test for rows by numbers of model, scenario and labels, as the filters stand now. */
  function filter() {
    const { data } = Peerwatch;
    const model = number(data.models, view.model);
    const heading = number(data.headings, view.heading);
    const label = number(data.labels, view.label);
    return (row) =>
      (model < 0 || row.model === model) &&
      (heading < 0 || row.heading < 0 || row.heading === heading) &&
      (label < 0 || row.labels.length === 0 || row.labels.includes(label));
  }

  read();
  Object.assign(Peerwatch, { view, show, onChange, filter });
})();
