'use strict';
// Text of unknown origin becomes text nodes only. What a reader would not see is spelt out, what is endless is cut.
const Peerwatch = {};

(() => {
  const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0\u2800]/gu;
  const LONGEST = 2000;

  const spelt = (character) =>
    character === '\n' || character === '\t'
      ? character
      : `\\u{${character.codePointAt(0).toString(16).toUpperCase()}}`;

  const visible = (text) => String(text).replace(HIDDEN, spelt);

  /** An element with properties that are safe to set, and children that are elements or plain text. */
  function make(tag, given = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(given)) {
      if (name === 'class') node.className = value;
      else if (name === 'data') Object.assign(node.dataset, value);
      else if (name === 'on') for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
      else node.setAttribute(name, name === 'href' ? String(value) : visible(value));
    }
    for (const child of children.flat()) {
      if (child !== null && child !== undefined) node.append(child instanceof Node ? child : visible(child));
    }
    return node;
  }

  /** A text that may be of any length: its beginning, and a button that shows the rest. */
  function long(tag, text, kind = '') {
    const whole = String(text);
    const node = make(tag, { class: `long ${kind}`.trim() });
    if (whole.length <= LONGEST) {
      node.append(visible(whole));
      return node;
    }
    const rest = (whole.length - LONGEST).toLocaleString('en-GB');
    const more = make('button', { type: 'button' }, `Show all, ${rest} more characters`);
    more.addEventListener('click', () => {
      node.replaceChildren(visible(whole));
    });
    node.append(visible(whole.slice(0, LONGEST)), '… ', more);
    return node;
  }

  const words = (identifier) => String(identifier).replaceAll('_', ' ');

  Object.assign(Peerwatch, { visible, make, long, words });
})();
