using EdgeCoder.Hosting.Identity;
using EdgeCoder.Protocol.Rotations;

namespace EdgeCoder.Coordinator.Keys;

/// <summary>Adds to each request how the coordinator came to its key, once that was changed: a service that knows an earlier one follows it (economy-and-ledger 16.2).</summary>
internal sealed class KeyStatementsHandler(CoordinatorIdentity identity, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (identity.Chain is { Statements.Count: > 1 } chain)
        {
            request.Headers.Remove(KeyChain.Header);
            request.Headers.TryAddWithoutValidation(KeyChain.Header, string.Join(',', chain.Texts()));
        }

        return base.SendAsync(request, cancellationToken);
    }
}
