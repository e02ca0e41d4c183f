'use strict';
// The filters above the tables: they hide rows, and never compute a number anew.
(() => {
  const { data, view, show, onChange, filter } = Peerwatch;
  const form = document.getElementById('filters');
  const LISTS = { model: data.models, heading: data.headings, label: data.labels };

  const rowOf = (node) => ({
    model: Number(node.dataset.model),
    heading: Number(node.dataset.heading),
    labels: node.dataset.labels ? node.dataset.labels.split(' ').map(Number) : [],
  });

  function hideRows() {
    const fits = filter();
    let hidden = 0;
    for (const node of document.querySelectorAll('[data-labels]')) {
      const group = 'group' in node.dataset;
      const row = rowOf(node);
      node.hidden = !fits(group ? { ...row, labels: [] } : row);
      if (node.hidden && !group) hidden += 1;
    }
    for (const body of document.querySelectorAll('tbody')) {
      const rows = [...body.querySelectorAll('tr[data-labels]')];
      if (rows.length) body.hidden = rows.every((row) => row.hidden);
    }
    document.getElementById('hidden-rows').textContent = hidden ? `${hidden} rows of tables are hidden` : '';
  }

  function fill() {
    for (const [key, names] of Object.entries(LISTS)) {
      const select = form.elements.namedItem(key);
      if (select) select.value = view[key] === '' ? '' : String(names.indexOf(view[key]));
    }
  }

  form.addEventListener('change', (event) => {
    const { name, value } = event.target;
    show({ [name]: value === '' ? '' : LISTS[name][Number(value)] });
  });
  form.addEventListener('reset', (event) => {
    event.preventDefault();
    const keys = ['model', 'heading', 'label', 'verdict', 'axis', 'value', 'q', 'deep'];
    show(Object.fromEntries(keys.map((key) => [key, ''])));
  });
  form.addEventListener('submit', (event) => event.preventDefault());

  onChange((changed) => {
    fill();
    if (changed.some((key) => key in LISTS)) hideRows();
  });
  form.hidden = form.querySelectorAll('select').length === 0;
  fill();
  if (view.model || view.heading || view.label) hideRows();
})();
