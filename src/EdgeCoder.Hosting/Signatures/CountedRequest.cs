using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Hosting.Signatures;

/// <summary>A request that counts against its agent's limit (check 8), until a route says otherwise.</summary>
public sealed class CountedRequest
{
    private Action? _takeBack;

    internal CountedRequest(Action takeBack) => _takeBack = takeBack;

    /// <summary>Takes it out of the count, once.</summary>
    internal void Forgive() => Interlocked.Exchange(ref _takeBack, null)?.Invoke();
}

/// <summary>For routes.</summary>
public static class CountedRequests
{
    /// <summary>Says that this request is not counted against the agent's limit: a pull that returned work.</summary>
    public static void ForgiveRequest(this HttpContext context) => context.Features.Get<CountedRequest>()?.Forgive();
}
