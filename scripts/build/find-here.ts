/**
 * The beginning of a shell script that finds its own folder, as `$here`, also behind a symbolic link. Only what any /bin/sh
 * has by itself, since the environment may be empty: `readlink` runs only for a link.
 */
export const FIND_HERE = `#!/bin/sh
self=$0
if [ -h "$self" ]; then self=$(readlink -f -- "$self") || exit 127; fi
case $self in
*/*) here=\${self%/*} ;;
*) here=. ;;
esac
`;
