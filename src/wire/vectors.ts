/** The shape of vectors.json, which the tests of the codec and of both shims share. All texts are latin1: a character a byte. */
export interface Vectors {
  readonly requests: readonly {
    readonly name: string;
    readonly plugin: string;
    readonly env: readonly string[];
    readonly stdin: string;
    readonly frame: string;
  }[];
  readonly replies: readonly {
    readonly name: string;
    readonly exitCode: number;
    readonly stdout: string;
    readonly frame: string;
  }[];
  readonly badRequests: readonly BadFrame[];
  readonly badReplies: readonly BadFrame[];
}

export interface BadFrame {
  readonly name: string;
  readonly frame: string;
  /** Of the WireError. */
  readonly code: string;
}
