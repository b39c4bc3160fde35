/** A place on the page: which view, and everything it shows. It is the fragment of the page's address. */
export interface Place {
  readonly view: string;
  readonly parameters: URLSearchParams;
}

/** Reads the place out of an address's fragment. */
export function parsePlace(fragment: string): Place {
  const text = fragment.replace(/^#\/?/, "");
  const mark = text.indexOf("?");
  return {
    view: mark < 0 ? text : text.slice(0, mark),
    parameters: new URLSearchParams(mark < 0 ? "" : text.slice(mark + 1)),
  };
}

/** Writes a place as a fragment. What is legible unescaped in a query stays so. */
export function fragmentOf(place: Place): string {
  const query = place.parameters
    .toString()
    .replaceAll("%2F", "/")
    .replaceAll("%3A", ":")
    .replaceAll("%2C", ",");
  return `#/${place.view}${query ? `?${query}` : ""}`;
}

/** The place the page is at. */
export function here(): Place {
  return parsePlace(location.hash);
}

/** Goes to another place, as a step that the browser's back button undoes. */
export function go(place: Place): void {
  location.hash = fragmentOf(place);
}

/** Says in the address what the page shows now, without a step of its own in the browser's history. */
export function settle(place: Place): void {
  history.replaceState(history.state, "", fragmentOf(place));
}
