import { type ErrorOptions, UnderlaneError } from '#base';

/** Codes of this room. */
export type AgentErrorCode =
  /** Another agent answers on the socket. Cure: stop it, or give this one another --socket. */
  | 'SOCKET_IN_USE'
  /** Another agent works with the same state directory or socket. Cure: stop it, or give this one others. */
  | 'LOCKED'
  /** A socket or an address cannot be listened on. Cure: the message says why: it is in use or not of this node, or the path is read-only or longer than 107 bytes. */
  | 'CANNOT_LISTEN'
  /** The state directory, or that of the socket, cannot be used. Cure: the message says why: a read-only or full disk, another user's directory. */
  | 'DIRECTORY'
  /** The file of --config cannot be used. Cure: correct what the message names. */
  | 'CONFIG_FILE'
  /** Plugins cannot be run in the node's root. Cure: mount it where --host-root says, and let the container be privileged. */
  | 'HOST_ROOT'
  /** The agent is stopping. Cure: none, the next one is asked again. */
  | 'AGENT_STOPPING'
  /** The shim hung up before it was answered; what was begun is undone. Cure: none, the runtime has given up. */
  | 'CALLER_GONE'
  /** Somebody connected and sent no whole request. Cure: see who else opens the socket. */
  | 'REQUEST_TIMEOUT'
  /** A DEL that was kept while no agent ran could not be done yet; it is tried again. Cure: see what the attachments of its container wait for. */
  | 'SPOOLED_DEL';

/** A call that the agent cannot take or finish. */
export class AgentError extends UnderlaneError {
  declare readonly code: AgentErrorCode;

  constructor(code: AgentErrorCode, message: string, options: ErrorOptions = {}) {
    super(code, message, options);
  }
}
