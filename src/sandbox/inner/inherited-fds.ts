/** Descriptors that the sandbox's first process gets from its supervisor: a listener on loopback, and the line to be stopped by. */
export const LISTENER_FD = 3;
export const CONTROL_FD = 4;
