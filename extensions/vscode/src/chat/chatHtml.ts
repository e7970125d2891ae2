/**
 * The page of the chat. Its policy lets in the extension's own script, by a number used once, and its own style sheet, and nothing else: no image, no
 * connection, no frame, no form. What a model wrote is not in it; the script puts it in as text.
 */
export function chatHtml(parts: { readonly nonce: string; readonly script: string; readonly style: string; readonly source: string }): string {
  const policy = `default-src 'none'; script-src 'nonce-${parts.nonce}'; style-src ${parts.source}; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escaped(parts.style)}">
<title>EdgeCoder</title>
</head>
<body>
<main id="items" aria-live="polite" aria-label="Conversation"></main>
<footer>
<div id="status" role="status"></div>
<textarea id="prompt" rows="3" aria-label="Your request" placeholder="What should change? Enter sends, Shift+Enter begins a line"></textarea>
<div id="actions"><button id="send" type="button">Send</button><button id="cancel" type="button" hidden>Cancel</button></div>
</footer>
<script nonce="${escaped(parts.nonce)}" src="${escaped(parts.script)}"></script>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
