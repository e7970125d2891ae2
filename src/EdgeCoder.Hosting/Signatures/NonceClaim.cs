using EdgeCoder.Hosting.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Hosting.Signatures;

/// <summary>
/// Marks a route whose every lasting effect goes through the store's writer. Its nonce is handed in before them and is not waited for: the changes of the
/// request run behind it, only if it was new, and what is answered is answered when both are durable (check 7).
/// </summary>
public sealed record NonceWithChanges;

/// <summary>A nonce on its way to the store.</summary>
internal sealed class NonceClaim(OperationCondition condition, Action replayed)
{
    /// <summary>What the request's changes depend on.</summary>
    public OperationCondition Condition => condition;

    /// <summary>Waits until the nonce is durable. Throws 401 <c>nonce_replayed</c> when the store had it already.</summary>
    public async ValueTask EnsureAsync()
    {
        if (!await condition.Holds.ConfigureAwait(false))
        {
            replayed();
            throw SignatureRefusals.NonceReplayed();
        }
    }
}

/// <summary>For routes.</summary>
public static class NonceClaims
{
    /// <summary>Says that every lasting effect of the route goes through the store's writer, so that its nonce and its changes share a commit.</summary>
    public static RouteHandlerBuilder CommitsNonceWithChanges(this RouteHandlerBuilder route) => route.WithMetadata(new NonceWithChanges()).AddEndpointFilter(async (context, next) =>
    {
        if (context.HttpContext.Features.Get<NonceClaim>() is not { } claim)
        {
            return await next(context).ConfigureAwait(false);
        }

        OperationCondition.Current = claim.Condition;
        object? answer;
        try
        {
            answer = await next(context).ConfigureAwait(false);
        }
        catch
        {
            await claim.EnsureAsync().ConfigureAwait(false);
            throw;
        }

        await claim.EnsureAsync().ConfigureAwait(false);
        return answer;
    });
}
