'use strict';
// One episode, opened: decisive calls, what was filed and said, what would have happened, and the journal.
(() => {
  const { data, episode, line, make, long, words } = Peerwatch;
  const entry = (name, ...content) => make('div', {}, make('dt', {}, name), make('dd', {}, ...content));

  const axes = (names) =>
    names.length ? names.flatMap((name) => [make('code', { title: data.words.axis[name] ?? name }, name), ' ']) : ['none'];

  const given = (values) =>
    make('span', { class: 'arguments' }, Object.entries(values).map(([name, value]) => make('span', {}, make('i', {}, name), ' ', long('span', value))));

  const state = (value) => (value === null ? make('i', {}, 'not present') : long('span', value));

  function altered(changes) {
    if (changes === null) return make('p', { class: 'aside' }, 'This log does not record the state before and after.');
    if (!changes.length) return make('p', { class: 'aside' }, 'It did not change the world.');
    const rows = changes.map(([what, before, after]) => make('tr', {}, make('th', {}, what), make('td', {}, state(before)), make('td', {}, state(after))));
    return table('State before and after', ['What', 'Before', 'After'], rows, 'states');
  }

  function table(label, names, rows, kind) {
    const head = make('thead', {}, make('tr', {}, names.map((name) => make('th', {}, name))));
    return make('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label }, make('table', { class: kind }, head, make('tbody', {}, rows)));
  }

  function decisive(acts, said) {
    if (!acts.length) return make('p', {}, make('i', {}, 'None: no axis depends on a call here. An omission has no call.'));
    return make('ol', { class: 'acts' }, acts.map((act) =>
      make('li', { value: act.index },
        make('code', {}, act.tool), ' ', given(act.arguments), make('p', { class: 'effect' }, act.effect || 'no effect'),
        altered(act.altered), beside(said.filter(([turn]) => turn === act.turn)))));
  }

  /** What was written in the turn of a call. */
  function beside(passages) {
    const text = passages.filter(([, kind]) => kind === 'text');
    const reasoning = passages.filter(([, kind]) => kind === 'reasoning');
    const quotes = [...text, ...reasoning].map(([, kind, words_]) => make('blockquote', {}, make('small', {}, `${kind} of this turn`), long('span', words_)));
    if (!text.length) quotes.push(make('p', { class: 'aside' }, 'No visible text in this turn.'));
    if (!reasoning.length) quotes.push(make('p', { class: 'aside' }, 'No readable reasoning in this turn.'));
    return make('div', {}, quotes);
  }

  function judged(found) {
    if (!found) return make('p', { class: 'aside' }, 'Not judged.');
    const markOf = (judge) => data.judges[`${judge} ${found.rubric}`] ?? '';
    const rows = found.answers.map((answer) =>
      make('tr', answer.disputed ? { class: 'wrong' } : {},
        make('th', {}, words(answer.question)), make('td', {}, answer.judge, markOf(answer.judge) ? make('small', {}, `† ${markOf(answer.judge)}`) : null), make('td', {}, words(answer.said ?? 'no answer')),
        make('td', {}, answer.quotes.map((quote) => make('blockquote', {}, long('span', quote))), long('span', answer.reason))));
    return make('div', {}, make('p', { class: 'aside' }, `By ${found.rubric}. Marked answers are disputed between judges.`),
      table('Judge answers', ['Question', 'Judge', 'Answer', 'Quoted words and reason'], rows, 'judged'));
  }

  function journal(lines, marked) {
    if (!lines.length) return make('p', {}, make('i', {}, 'The journal is empty: the target called no tool.'));
    const rows = lines.map(([index, turn, tool, values, ok, effect, thought]) => thought !== null
      ? make('tr', { class: 'thought' },
        make('td', { class: 'n' }, `${index}`), make('td', { class: 'n' }, `${turn}`), make('td', {}, make('i', {}, 'thought')),
        make('td', {}, long('blockquote', thought)), make('td', { colspan: 2 }, 'no act'))
      : make('tr', marked.has(index) ? { class: 'decisive' } : {},
        make('td', { class: 'n' }, `${index}`), make('td', { class: 'n' }, `${turn}`), make('td', {}, make('code', {}, tool)),
        make('td', {}, given(values)), make('td', { class: 'call' }, ok ? 'ok' : 'error'), make('td', { class: 'effect' }, long('span', effect || 'none'))));
    return table('Journal', ['#', 'Turn', 'Tool', 'Arguments', 'Call', 'Effect on the world'], rows, 'journal');
  }

  /** The exchange before the job, folded, and after it every message, reply and act in order, with whose it is. */
  function shared({ exchange = [], journal: lines }, marked) {
    const spoke = lines.some(([, , tool, , , , , , passed]) => tool === 'send_message' || passed?.length);
    if (!exchange.length && !spoke) return null;
    const rows = lines.map(([index, turn, tool, values, ok, effect, thought, who = 'target', passed = []]) => {
      const message = passed.length || tool === 'send_message' || tool === 'reply';
      const what = thought !== null ? [make('small', {}, 'thought'), long('blockquote', thought)]
        : message ? [long('blockquote', values.text ?? ''), make('small', {}, passed.length ? passed.join(', ') : long('span', effect || 'not sent'))]
        : [make('code', {}, tool), ' ', given(values), effect ? make('p', { class: 'effect' }, long('span', `${ok ? '' : 'error: '}${effect}`)) : null];
      const kind = [message ? 'message' : '', marked.has(index) ? 'decisive' : ''].filter(Boolean).join(' ');
      return make('tr', kind ? { class: kind } : {}, make('td', { class: 'n' }, `${index}`), make('td', { class: 'n' }, `${turn}`), make('td', {}, who), make('td', {}, what));
    });
    const recorded = exchange.map(([who, text]) => make('blockquote', {}, make('small', {}, who), long('span', text)));
    return make('div', { class: 'shared' }, make('h4', {}, 'Messages and acts'),
      exchange.length ? make('details', { class: 'axes' }, make('summary', {}, `Recorded exchange before the job (${exchange.length} messages)`), recorded) : null,
      table('Messages and acts', ['#', 'Turn', 'Who', 'Words or act'], rows, 'journal conversation'));
  }

  function viewer(found, sample, epoch) {
    const folder = data.logs || 'LOGS';
    return make('div', {}, make('p', { class: 'aside' }, 'Every message, in Inspect’s viewer: run this, and open ', make('code', {}, found.log), ', sample ', make('code', {}, sample), `, epoch ${epoch}.`),
      make('pre', {}, `inspect view --log-dir ${folder}`));
  }

  function body(found, number, { subject, sample }) {
    const { verdict, epoch, mark } = Object.fromEntries(['verdict', 'epoch', 'mark'].map((key) => [key, data.episodes[key][number]]));
    const marked = new Set(found.evidence.map((act) => act.index));
    return make('div', { class: 'body' },
      found.failure ? make('p', { class: 'failure' }, make('b', {}, 'Failure, '), found.failure) : null,
      make('dl', { class: 'axes-list' },
        entry('Verdict', `${words(verdict)}: ${data.words.verdict[verdict]}`, mark ? make('p', { class: 'aside' }, `† ${mark}. “Read first” explains what that means and how to remove the mark.`) : null),
        subject ? entry('Subject', make('bdi', {}, subject)) : null,
        entry('Without its acts', found.counterfactual),
        found.score ? entry('Result', found.score) : null,
        entry('Yes', axes(found.yes)), entry('No', axes(found.no)),
        found.not_measured.length ? entry('Not measured', axes(found.not_measured)) : null,
        entry('Statement', found.statement ? long('blockquote', found.statement) : make('i', {}, 'The target finished without a statement.'))),
      shared(found, marked),
      make('h4', {}, 'Decisive calls'), decisive(found.evidence, found.said),
      make('h4', {}, 'Judge answers'), judged(found.judged),
      spoken(found.said),
      make('h4', {}, 'Journal'), journal(found.journal, marked),
      viewer(found, sample, epoch),
      make('p', { class: 'trace' }, `${sample} · ${found.spent} · ${found.trace} · ${found.levels}`));
  }

  function spoken(said) {
    const hidden = said.some(([, kind]) => kind === 'hidden reasoning');
    const readable = said.filter(([, kind]) => kind !== 'hidden reasoning');
    const about = `All its text (${readable.length})${hidden ? '; some reasoning is not readable' : ''}`;
    if (!readable.length) return make('p', { class: 'aside' }, hidden ? 'No visible text; its reasoning is not readable.' : 'No visible text, no readable reasoning.');
    return make('details', { class: 'axes' }, make('summary', {}, about),
      readable.map(([turn, kind, text]) => make('blockquote', {}, make('small', {}, `turn ${turn}, ${kind}`), long('span', text))));
  }

  /** Fill an opened episode; what goes wrong is said in its place. */
  async function fill(node, number) {
    try {
      node.append(body(await episode(number), number, await line(number)));
    } catch (error) {
      node.append(make('p', { class: 'failure' }, `This episode cannot be shown: ${error.message}. The logs contain it.`));
    }
  }

  Object.assign(Peerwatch, { fill });
})();
