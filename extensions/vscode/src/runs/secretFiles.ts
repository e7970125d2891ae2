const names = [
  /^\.env(\..*|rc)?$/, /\.(pem|key|p12|pfx|jks|kdbx)$/, /^id_(rsa|ed25519|ecdsa)/, /^\.(netrc|npmrc|pypirc|git-credentials)$/, /^credentials/, /^secrets\./, /\.tfstate/,
];
const folders = /(^|\/)(\.ssh|\.aws|\.azure|\.gnupg|\.kube|\.config\/gcloud|\.git|\.edgecoder)\//;
const shown = /\.(example|sample|template)$/;

/** Whether text of a file must not be sent (agent-executor-models 2.2): it holds secrets by its name. Case does not matter. */
export function isSecretFile(path: string): boolean {
  const lower = path.replaceAll('\\', '/').toLowerCase();
  const name = lower.slice(lower.lastIndexOf('/') + 1);
  return folders.test(lower) || lower.endsWith('.docker/config.json') || (!(name.startsWith('.env') && shown.test(name)) && names.some((pattern) => pattern.test(name)));
}
