/** Notes what happens in a run. The text is only made where somebody keeps it. */
export type Trace = (text: () => string) => void;
