'use strict';
// The list of episodes: filtered, searched and ordered, eight at first and then fifty at a time.
(() => {
  const { data, view, show, onChange, filter, block, line, make, fill, words } = Peerwatch;
  const form = document.getElementById('episode-filters');
  if (!form) return;
  const all = data.episodes;
  const list = document.getElementById('episode-list');
  const more = document.getElementById('more');
  const status = document.getElementById('episode-count');
  const FILTERS = ['verdict', 'axis', 'value', 'sort', 'q', 'deep'];
  const FIRST = 8;
  const STEP = 50;
  let limit = FIRST;
  let task = 0;

  const lower = [];

  /** The words of an episode's line, to be searched: gathered when somebody searches. */
  async function searchable(number) {
    if (lower[number] === undefined) {
      const { sample, subject, act, quote, excerpt } = await line(number);
      lower[number] = [sample, subject, act, quote, excerpt, all.verdict[number]].join('\n').toLowerCase();
    }
    return lower[number];
  }

  const QUOTED = { reasoning: 'reasoning', text: 'next to the call', statement: 'closing statement' };

  const ORDERS = {
    seed: (first, second) => all.seed[first] - all.seed[second] || first - second,
    turns: (first, second) => all.turns[second] - all.turns[first] || first - second,
    arm: (first, second) => all.arm[first] - all.arm[second] || first - second,
  };

  function chosen() {
    const fits = filter();
    const arms = data.arms.map((arm) => fits(arm));
    const axis = all.axis_names.indexOf(view.axis);
    const numbers = [];
    for (let number = 0; number < all.key.length; number += 1) {
      if (!arms[all.arm[number]]) continue;
      if (view.verdict && all.verdict[number] !== view.verdict) continue;
      if (axis >= 0 && all.axes[number][axis] !== (view.value || '1')) continue;
      numbers.push(number);
    }
    return view.sort in ORDERS ? numbers.sort(ORDERS[view.sort]) : numbers;
  }

  /** Those of the episodes that hold the searched words, in the index or, block by block, in everything. */
  async function searched(numbers, mine) {
    const wanted = view.q.toLowerCase();
    if (!wanted) return numbers;
    const found = [];
    for (const number of numbers) {
      const said = lower[number] ?? await searchable(number);
      if (mine !== task) return null;
      if (said.includes(wanted)) found.push(number);
      else if (view.deep) {
        const whole = (await block(all.block[number]))[all.place[number]];
        if (mine !== task) return null;
        if (texts(whole).some((text) => text.toLowerCase().includes(wanted))) found.push(number);
      }
    }
    return found;
  }

  function texts(value) {
    if (typeof value === 'string') return [value];
    return value && typeof value === 'object' ? Object.values(value).flatMap(texts) : [];
  }

  function item(number, said) {
    const arm = data.arms[all.arm[number]];
    const about = `${data.models[arm.model]} · world ${all.seed[number]}${all.epoch[number] > 1 ? `, epoch ${all.epoch[number]}` : ''}`;
    const verdict = make('span', { class: 'judgement' }, make('i', { class: `swatch v-${all.verdict[number]}` }), ` ${words(all.verdict[number])}`,
      all.mark[number] ? make('abbr', { class: 'unproven', title: all.mark[number] }, '†') : null);
    const place = make('span', { class: 'where' }, make('code', {}, data.headings[arm.heading]), ` ${data.labels[arm.labels[0]]}`,
      said.subject ? [' · subject ', make('bdi', {}, said.subject)] : null, ` · ${about}`);
    const quote = said.quote ? make('q', { class: 'said' }, said.quote) : null;
    const summary = make('summary', {},
      make('span', { class: 'number' }, `${number + 1}`),
      make('span', { class: 'what' }, make('b', {}, said.act), quote ? [' ', quote, make('small', {}, ` ${QUOTED[said.quoted]}`)] : null, place),
      verdict);
    const node = make('details', { class: 'episode', id: `episode-${all.key[number]}` }, summary);
    node.addEventListener('toggle', () => {
      if (node.open && !node.querySelector('.body, .failure')) fill(node, number);
      if (node.open) show({ episode: all.key[number] });
      else if (view.episode === all.key[number]) show({ episode: '' });
    });
    return node;
  }

  async function draw() {
    task += 1;
    const mine = task;
    if (view.q && (view.deep || all.lines !== undefined)) status.textContent = view.deep ? 'Searching the journals …' : 'Searching …';
    const numbers = await searched(chosen(), mine).catch(() => []);
    if (mine !== task || numbers === null) return;
    const some = numbers.slice(0, limit);
    const opened = all.key.indexOf(view.episode);
    // The episode of a link is shown also where filters or the length of the list would leave it out.
    const rows = opened >= 0 && !some.includes(opened) ? [opened, ...some] : some;
    const said = await Promise.all(rows.map(line)).catch((error) => error);
    if (mine !== task) return;
    if (said instanceof Error) {
      status.textContent = `The list cannot be shown: ${said.message}.`;
      return;
    }
    list.replaceChildren(...rows.map((number, place) => item(number, said[place])));
    more.hidden = numbers.length <= limit;
    status.textContent = `${numbers.length.toLocaleString('en-GB')} of ${all.key.length.toLocaleString('en-GB')} episodes match; ${some.length} are listed.`;
    if (opened >= 0) document.getElementById(`episode-${view.episode}`).open = true;
  }

  function fillForm() {
    for (const key of FILTERS) {
      const control = form.elements.namedItem(key);
      if (control.type === 'checkbox') control.checked = view[key] !== '';
      else control.value = key === 'value' ? view.value || '1' : view[key];
    }
  }

  const verdicts = [...new Set(all.verdict)];
  form.elements.namedItem('verdict').append(...verdicts.map((verdict) => make('option', { value: verdict }, words(verdict))));
  form.elements.namedItem('axis').append(...all.axis_names.map((axis) => make('option', { value: axis }, axis)));
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', (event) => {
    const { name, type, checked, value } = event.target;
    if (type === 'checkbox') show({ [name]: checked ? 'yes' : '' });
    else show({ [name]: value });
  });
  more.addEventListener('click', () => {
    const next = list.children.length;
    limit += STEP;
    draw().then(() => list.children[next]?.querySelector('summary')?.focus());
  });
  onChange((changed) => {
    if (changed.some((key) => [...FILTERS, 'model', 'heading', 'label'].includes(key))) {
      limit = FIRST;
      fillForm();
      draw();
    } else if (changed.includes('episode') && view.episode && !document.getElementById(`episode-${view.episode}`)?.open) {
      draw().then(() => document.getElementById(`episode-${view.episode}`)?.scrollIntoView());
    }
  });
  // An answer at the head leads to the runs that it counts.
  for (const link of document.querySelectorAll('a.runs')) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      const { in: model, of: heading, outcome } = link.dataset;
      show({
        model: data.models[Number(model)], heading: data.headings[Number(heading)] ?? '', label: '', verdict: '',
        axis: all.axis_names.includes(outcome) ? outcome : '', value: '', q: '', deep: '',
      });
      document.getElementById('evidence').scrollIntoView();
    });
  }
  form.hidden = false;
  fillForm();
  Peerwatch.listed = draw().then(() => {
    if (view.episode) document.getElementById(`episode-${view.episode}`)?.scrollIntoView();
  });
})();
