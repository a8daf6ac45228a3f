/**
 * The node's own failure while a contract ran: the engine ran out of memory or native stack, or something here is
 * wrong. Another node may succeed, so it must never become a contract's result: stop and find out.
 */
export class NodeFault extends Error {
  override readonly name = 'NodeFault'
}
