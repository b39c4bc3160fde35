/** A view of the page. */
export interface View {
  readonly element: HTMLElement;
  /** What the page is called while the view is shown. */
  readonly title: string;
  /** Shows what the parameters say; called at first, and when the address changes under it. */
  show(parameters: URLSearchParams): void;
  /** Ends what the view has under way. */
  close(): void;
}
