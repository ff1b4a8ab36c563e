/**
 * Marks an object of another project's kind as a view of the claims: ours to write and to delete. One without it is
 * somebody else's, whatever it says.
 */
export const VIEW_LABEL = 'underlane.io/view';

/** The label's value. */
export const VIEW_OF_CLAIMS = 'claims';
