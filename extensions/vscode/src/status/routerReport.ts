import type { RouterStatus } from '../endpoint/routerStatus';

/** The router in words, a line each, for a list. */
export function routerReport(router: RouterStatus): readonly { readonly label: string; readonly detail: string }[] {
  const latency = router.latencyMs === 0 ? 'no estimate yet' : `first token after about ${router.latencyMs} ms`;
  return [
    { label: `${router.running} of ${router.cap} running, ${router.waiting} waiting`, detail: `${latency}${router.gate === undefined ? '' : `, gate ${router.gate.replace('_', ' ')}`}` },
    ...router.routes.map((route) => ({ label: `${route.available ? '✓' : '✗'} ${route.id}`, detail: route.reason })),
  ];
}
