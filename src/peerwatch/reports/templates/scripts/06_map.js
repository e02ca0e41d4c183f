'use strict';
// The map: one axis in every arm of every model, and the grid of stakes and relationship where a study crosses them.
(() => {
  const { data, view, show, onChange, filter, make, words } = Peerwatch;
  const select = document.getElementById('map-axis');
  if (!select) return;
  const arms = data.arms.map((arm, number) => ({ ...arm, number })).filter((arm) => !arm.scripted);
  const axes = ['interfered', ...new Set(arms.flatMap((arm) => Object.keys(arm.axes)).filter((axis) => axis !== 'interfered'))];
  const measureOf = (arm, axis) => (axis === 'interfered' ? arm.interfered : arm.axes[axis]);

  function open(arm, axis) {
    const known = data.episodes.axis_names.includes(axis);
    show({
      model: data.models[arm.model], heading: data.headings[arm.heading], label: data.labels[arm.labels[0]],
      verdict: '', axis: known ? axis : '', value: known ? '1' : '',
    });
    document.getElementById('evidence').scrollIntoView();
  }

  function cell(arm, axis) {
    const measure = arm && measureOf(arm, axis);
    if (!measure) return make('td', { class: 'n na' }, arm ? 'n/a' : '');
    const heat = measure.value === null || measure.kind === 'mean' ? '' : `heat h${Math.round(10 * measure.value)}`;
    const text = measure.value === null ? 'n/a' : measure.text;
    const small = measure.value === null ? measure.why : [`n = ${measure.n}`, measure.limits].filter(Boolean).join(', ');
    const button = make('button', { type: 'button', class: 'cell', on: { click: () => open(arm, axis) } }, make('b', {}, text), make('small', {}, small));
    return make('td', { class: `n ${heat}` }, button);
  }

  const header = (first, names) => make('thead', {}, make('tr', {}, make('th', {}, first), names.map((name) => make('th', { class: 'n' }, name))));

  function drawMap() {
    const axis = view.map && axes.includes(view.map) ? view.map : axes[0];
    select.value = axis;
    document.getElementById('map-meaning').textContent = data.words.axis[axis] ?? 'at least one axis that decides the verdict of interference is 1';
    const fits = arms.filter(filter());
    const models = [...new Set(fits.map((arm) => arm.model))];
    const groups = new Map();
    for (const arm of fits) {
      const rows = groups.get(arm.heading) ?? groups.set(arm.heading, new Map()).get(arm.heading);
      const key = arm.labels[0];
      rows.set(key, [...(rows.get(key) ?? []), arm]);
    }
    const bodies = [...groups].map(([heading, rows]) =>
      make('tbody', {},
        make('tr', { class: 'head' }, make('th', { colspan: models.length + 1 }, make('code', {}, data.headings[heading]))),
        [...rows].map(([label, held]) =>
          make('tr', {},
            make('th', { class: 'arm' }, data.labels[label], held[0].presets.map((line) => make('small', {}, line.split('/').flatMap((part, place) => (place ? ['/', make('wbr'), part] : [part]))))),
            models.map((model) => cell(held.find((arm) => arm.model === model), axis))))));
    const table = make('table', { class: 'map' }, header('Arm', models.map((model) => data.models[model])), bodies);
    document.getElementById('map-table').replaceChildren(fits.length ? table : make('p', { class: 'na' }, 'No arm matches these filters.'));
    drawGrid(fits, axis);
  }

  /** Arms that differ in stakes and relationship alone, as a grid. */
  function drawGrid(fits, axis) {
    const groups = new Map();
    for (const arm of fits) {
      const { stakes, relationship, ...others } = arm.levels;
      if (stakes === undefined || relationship === undefined) continue;
      const rest = Object.entries(others).map(([factor, level]) => `${factor}: ${level}`).sort().join(' · ');
      const key = JSON.stringify([arm.model, arm.heading, rest]);
      groups.set(key, [...(groups.get(key) ?? []), arm]);
    }
    const levels = (held, factor) => [...new Set(held.map((arm) => arm.levels[factor]))];
    const grids = [...groups.values()].filter((held) => levels(held, 'stakes').length > 1 && levels(held, 'relationship').length > 1);
    const varies = (factor) => new Set(grids.flat().map((arm) => arm.levels[factor])).size > 1;
    const place = document.getElementById('grid');
    place.replaceChildren();
    if (grids.length) place.append(make('h3', {}, `Stakes and relationship: ${words(axis)}`));
    for (const held of grids.slice(0, 24)) {
      const columns = levels(held, 'relationship');
      const others = Object.entries(held[0].levels).filter(([factor]) => !['stakes', 'relationship'].includes(factor) && varies(factor));
      const about = [data.headings[held[0].heading], data.models[held[0].model], ...others.map((pair) => pair.join(': '))].join(' · ');
      const rows = levels(held, 'stakes').map((stakes) =>
        make('tr', {}, make('th', {}, `stakes: ${stakes}`), columns.map((relationship) =>
          cell(held.find((arm) => arm.levels.stakes === stakes && arm.levels.relationship === relationship), axis))));
      const table = make('table', { class: 'map' }, make('caption', {}, about), header('', columns.map((each) => `relationship: ${each}`)), make('tbody', {}, rows));
      place.append(make('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Grid: ${about}` }, table));
    }
  }

  select.append(...axes.map((axis) => make('option', { value: axis }, axis)));
  select.addEventListener('change', () => show({ map: select.value }));
  onChange((changed) => changed.some((key) => ['model', 'heading', 'label', 'map'].includes(key)) && drawMap());
  for (const node of document.querySelectorAll('.needs-scripts')) node.hidden = false;
  drawMap();
})();
