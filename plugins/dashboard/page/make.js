/** The element with this id. */
export const $ = (id) => document.getElementById(id);

/** An element with properties and children; text stays text. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** An element of a drawing, with attributes. */
export function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Write `text` where it is not there yet: nothing is laid out anew without need. */
export function write(element, text) {
  if (element.firstChild?.data !== text || element.childNodes.length !== 1) element.textContent = text;
}
