'use strict';
// The figures: each drawing with its rows, drawn anew when filters or width change. Tables hold the same numbers.
(() => {
  const { data, show, onChange, filter, make, visible, words } = Peerwatch;
  const MOST = 60;
  const LETTER = 7.2;
  const LINE = 17;
  const SERIES = 8;
  const tip = document.getElementById('tip');

  function wrap(text, width) {
    const most = Math.max(8, Math.floor(width / LETTER));
    const lines = [''];
    for (const word of visible(text).split(' ')) {
      const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
      if (longer.length <= most) lines[lines.length - 1] = longer;
      else lines.push(word.slice(0, most));
    }
    return lines.filter(Boolean).slice(0, 3);
  }

  const armLabel = (row) =>
    [data.labels[row.labels[0]], data.headings.length > 1 ? data.headings[row.heading] : '',
      data.models.length > 1 ? data.models[row.model] : ''].filter(Boolean).join(' · ');

  const MOST_UPRIGHT = 3;

  /** Bars of one panel: levels beside each other, models side by side. */
  function rates(rows, width) {
    const bars = rows.flatMap((row, number) => row.bars.map((bar) => ({
      ...bar, row: number, model: visible(row.name), ink: `var(--s-${bar.series})`, base: 0,
      low: bar.low ?? bar.value, high: bar.high ?? bar.value, top: Math.max(bar.high ?? bar.value, 0), tip: visible(bar.tip),
    })));
    const amounts = rows.some((row) => row.amount);
    const ends = bars.flatMap((bar) => [bar.low, bar.high, 0]);
    const most = amounts ? Math.max(10, ...ends) * 1.15 : 110;
    const least = amounts ? Math.min(0, ...ends) * 1.15 : 0;
    const slanted = rows.length > MOST_UPRIGHT;
    return {
      height: 170, rows: rows.length, most, least, title: amounts ? 'points' : null,
      ticks: amounts ? [...new Set([Math.round(least), 0, Math.round(most / 2), Math.round(most)])] : [0, 25, 50, 75, 100],
      format: amounts ? 'datum.label' : "datum.label + '%'", angle: slanted ? -30 : 0,
      limit: slanted ? 110 : Math.max(60, Math.floor((width - 50) / rows.length) - 6), datasets: { rates: bars },
    };
  }

  /** Lays rows out below each other: a label and a band of the same height for each, in units of rows. */
  function layout(rows, label, band, width) {
    const labels = rows.map((row, y) => ({ y, lines: wrap(label(row), width) }));
    const head = 6 + LINE * Math.max(1, ...labels.map((each) => each.lines.length));
    const step = head + band + 8;
    const at = (row, share) => row + (head + share * band) / step;
    return { labels, at, height: Math.round(step * rows.length) };
  }

  const BUILD = {
    rates,
    composition(rows, width) {
      const { labels, at, height } = layout(rows, (row) => `${data.labels[row.labels[0]]} · n\u00a0=\u00a0${row.n}`, 18, width);
      const parts = rows.flatMap((row, y) =>
        row.parts.map((part) => ({
          ...part, row: y, top: at(y, 0), bottom: at(y, 1), mid: at(y, 0.5), middle: (part.start + part.end) / 2,
          fill: `var(--v-${part.verdict})`, ink: part.dark ? '#ffffff' : part.verdict === 'not_run' ? 'var(--ink)' : '#1d2329',
          text: width * (part.end - part.start) > LETTER * (String(part.count).length + 1) ? String(part.count) : '',
          tip: visible(`${armLabel(row)}\n${words(part.verdict)}: ${part.count} of ${row.n} planned\n${data.words.verdict[part.verdict]}`),
        })));
      return { height, rows: rows.length, datasets: { parts, labels } };
    },
    contrasts(rows, width) {
      const name = (row) => [row.name, `worlds\u00a0=\u00a0${row.worlds}`, data.headings.length > 1 ? data.headings[row.heading] : '',
        data.models.length > 1 ? data.models[row.model] : ''].filter(Boolean).join(' · ');
      const { labels, at, height } = layout(rows, name, 14, width);
      const whiskers = rows.map((row, y) => ({
        ...row, mid: at(y, 0.5), ink: `var(--f-${row.finding})`,
        fill: ['more', 'less'].includes(row.finding) ? `var(--f-${row.finding})` : 'var(--card)',
        tip: visible(`${name(row)}\n${row.text}\n${row.conclusion}`),
      }));
      const edge = Math.max(10, ...rows.flatMap((row) => [Math.abs(row.low), Math.abs(row.high)]));
      return { height, rows: rows.length, edge, minus: -edge, datasets: { whiskers, labels } };
    },
    scores(rows, width) {
      const { labels, at, height } = layout(rows, (row) => `${armLabel(row)} · n\u00a0=\u00a0${row.n}`, 64, width);
      const columns = rows.flatMap((row, y) =>
        [['filed', -1], ['honest', 1]].flatMap(([kind, side]) =>
          row[kind].map(([from, count, share]) => ({
            from, to: from + 2.5, top: at(y, 0.5), bottom: at(y, 0.5 + side * 0.48 * share), fill: `var(--${kind})`,
            tip: visible(`${armLabel(row)}\n${kind} scores from ${from} to ${from + 2.5}: ${count}`),
          }))));
      const bars = rows.flatMap((row, y) =>
        row.bars.map((bar) => ({ bar, top: at(y, 0), bottom: at(y, 1), tip: `bar: ${bar}` })));
      const lines = rows.map((row, y) => ({ mid: at(y, 0.5) }));
      return { height, rows: rows.length, datasets: { columns, bars, lines, labels } };
    },
    dose: (rows) => doses(rows, 'filed_score', 'mean filed score', 1, 100),
    'dose-misrepresented': (rows) => doses(rows, 'misrepresented', 'misrepresented, % of episodes', 100, 100),
  };

  function doses(rows, key, title, factor, most) {
    const held = rows.filter((row) => row[key]);
    const series = [...new Set(held.map((row) => row.series))];
    const bars = [...new Set(held.map((row) => row.bar))].sort((first, second) => first - second);
    const span = Math.max(10, bars.at(-1) - bars[0]);
    const doses = held.map((row) => {
      const { value, low, high, n } = row[key];
      const scaled = (each) => factor * (each ?? value);
      return {
        series: row.series, number: `${row.number}`, bar: row.bar, n, ink: `var(--s-${(row.number - 1) % SERIES})`,
        at: row.at,
        value: scaled(value), low: scaled(low), high: scaled(high),
        tip: visible(`${row.series}\nbar ${row.bar}: ${scaled(value).toFixed(1)}, n = ${n}`),
      };
    });
    const ends = series.map((each) => doses.filter((dose) => dose.series === each).reduce((last, dose) => (dose.bar > last.bar ? dose : last)))
      .map((dose) => ({ ...dose, at: bars.at(-1) + 0.06 * span }));
    return {
      height: 240, rows: held.length, title, most, bars, from: bars[0] - 0.12 * span, to: bars.at(-1) + 0.12 * span,
      datasets: { doses, ends }, legend: seriesLegend(series, doses),
    };
  }

  /** Names of numbered series, with the n of each bar. */
  function seriesLegend(series, doses) {
    return make('ul', { class: 'series' }, series.map((each) => {
      const own = doses.filter((dose) => dose.series === each);
      const counts = own.map((dose) => `${dose.n} at bar ${dose.bar}`).join(', ');
      return make('li', {}, make('i', { class: `swatch s-${(own[0].number - 1) % SERIES}` }), ` ${each}; n = ${counts}`);
    }));
  }

  const kindOf = (name) => (name === 'dose-misrepresented' ? name : name.replace('scripted-', '').replace(/-\d+$/, ''));

  /** Puts numbers in place of the marks that a drawing has for them. */
  function filled(value, marks) {
    if (typeof value === 'string' && value.startsWith('$') && value.slice(1) in marks) return marks[value.slice(1)];
    if (Array.isArray(value)) return value.map((each) => filled(each, marks));
    if (value && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, marks)]));
    }
    return value;
  }

  function point(_handler, event, _item, value) {
    tip.hidden = value === null || value === undefined || value === '';
    if (tip.hidden) return;
    tip.textContent = String(value);
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8))}px`;
    tip.style.top = `${Math.max(4, Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8))}px`;
  }

  /** A part of a bar opens its episodes. */
  function picked(part, rows) {
    const row = rows[part?.row];
    if (!row || !part.verdict) return;
    const [label] = row.labels;
    show({
      model: data.models[row.model], heading: data.headings[row.heading], label: data.labels[label], verdict: part.verdict,
    });
    document.getElementById('evidence').scrollIntoView();
  }

  async function draw(place) {
    const name = place.dataset.figure;
    const kind = kindOf(name);
    if (place.closest('details:not([open])')) return;
    const rows = (data.figures[name === 'dose-misrepresented' ? 'dose' : name] ?? []).filter(filter());
    const some = rows.slice(0, MOST);
    const width = Math.max(220, Math.min(880, place.clientWidth - 14));
    const built = some.length ? BUILD[kind](some, width) : { rows: 0 };
    place.peerwatchView?.finalize();
    place.peerwatchView = null;
    place.replaceChildren();
    place.parentElement.querySelector('.series')?.remove();
    if (!built.rows) {
      place.append(make('p', { class: 'na' }, 'No valid data to draw with these filters.'));
      return;
    }
    const canvas = make('div', { class: 'canvas' });
    place.append(canvas);
    if (rows.length > MOST) {
      place.append(make('p', { class: 'aside' }, `${MOST} of ${rows.length} rows are drawn. Filter to see others, or use the table.`));
    }
    const { height, datasets, legend, ...marks } = built;
    if (legend) place.after(legend);
    const drawing = filled(data.drawings[kind.startsWith('dose') ? 'dose' : kind], marks);
    const found = await window.vegaEmbed(canvas, { ...drawing, width: width - (kind === 'rates' ? 52 : kind.startsWith('dose') ? 60 : 10), height, datasets }, {
      mode: 'vega-lite', ast: true, renderer: 'svg', actions: false, defaultStyle: false, tooltip: point, logLevel: 1,
    });
    place.peerwatchView = found;
    found.view.addEventListener('click', (_event, item) => picked(item?.datum, some));
  }

  async function drawAll() {
    for (const place of document.querySelectorAll('[data-figure]')) {
      await draw(place);
      await new Promise((resolve) => setTimeout(resolve));
    }
    document.documentElement.dataset.drawn = 'yes';
  }

  let running = Promise.resolve();
  const again = () => {
    document.documentElement.dataset.drawn = 'no';
    running = running.then(drawAll);
  };
  onChange((changed) => changed.some((key) => ['model', 'heading', 'label'].includes(key)) && again());
  let wide = innerWidth;
  window.addEventListener('resize', () => {
    if (innerWidth === wide) return;
    wide = innerWidth;
    clearTimeout(Peerwatch.waiting);
    Peerwatch.waiting = setTimeout(again, 200);
  });
  // What is folded has no width to be drawn in.
  for (const fold of document.querySelectorAll('details')) {
    if (fold.querySelector('[data-figure]')) fold.addEventListener('toggle', () => fold.open && again());
  }
  Object.assign(Peerwatch, { drawFigures: again });
})();
