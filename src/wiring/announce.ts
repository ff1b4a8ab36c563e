/** Called before each single kernel change. */
export type Announce = () => void;
