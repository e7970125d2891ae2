using EdgeCoder.Hosting.Problems;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace EdgeCoder.Portal.Accounts;

/// <summary>
/// Hashes passwords with the hasher of ASP.NET Core Identity (PBKDF2 with HMAC-SHA512, 128 bits of salt). A bounded number of hashes runs at a time, off the
/// threads of requests, so that a flood of guesses leaves other requests responsive (portal-and-control-plane 5.2, A5).
/// </summary>
internal sealed class PasswordHashing : IDisposable
{
    /// <summary>Fewest iterations that settings may ask for (OWASP Password Storage Cheat Sheet, PBKDF2-HMAC-SHA512).</summary>
    public const int LeastIterations = 210_000;

    private const int MostWaitingPerSlot = 16;

    private readonly PasswordHasher<AccountRow> _hasher;
    private readonly SemaphoreSlim _slots;
    private readonly string _nobodys;
    private readonly int _mostWaiting;
    private int _waiting;

    /// <param name="iterations">Iterations of new hashes; older ones are made anew at the next sign-in.</param>
    public PasswordHashing(int iterations)
    {
        _hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = iterations }));
        _slots = new(Environment.ProcessorCount);
        _mostWaiting = Environment.ProcessorCount * MostWaitingPerSlot;
        _nobodys = _hasher.HashPassword(null!, "nobody signs in with this");
    }

    /// <summary>Hash of a new password. Throws <see cref="Refusal"/> 429 <c>rate_limited</c> when too many wait.</summary>
    public Task<string> HashAsync(string password, CancellationToken cancellationToken) => RunAsync(() => _hasher.HashPassword(null!, password), cancellationToken);

    /// <summary>Compares with a hash; without one the same work is done, so that time tells nothing, and the answer is Failed.</summary>
    public async Task<PasswordVerificationResult> VerifyAsync(string? hash, string password, CancellationToken cancellationToken)
    {
        var result = await RunAsync(() => _hasher.VerifyHashedPassword(null!, hash ?? _nobodys, password), cancellationToken).ConfigureAwait(false);
        return hash is null ? PasswordVerificationResult.Failed : result;
    }

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();

    private async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > _mostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new Refusal(429, "rate_limited", "Too many people sign in at this moment. Try again in a few seconds.") { RetryAfter = 2 };
        }

        try
        {
            await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await Task.Run(work, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
