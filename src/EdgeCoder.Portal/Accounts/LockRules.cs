namespace EdgeCoder.Portal.Accounts;

/// <summary>Five wrong passwords lock the password of an account for five minutes, then for twice as long each time, at most an hour (portal-and-control-plane 3.3). Passkeys still work.</summary>
internal static class LockRules
{
    /// <summary>Wrong passwords that lock.</summary>
    public const long Wrong = 5;

    private const long FirstMs = 5 * 60_000;
    private const long LongestMs = 60 * 60_000;

    /// <summary>The counters after a wrong password.</summary>
    public static (long Failed, long Locks, long LockedUntilMs) AfterWrong(long failed, long locks, long nowMs) =>
        failed + 1 < Wrong ? (failed + 1, locks, 0) : (0, locks + 1, nowMs + Math.Min(FirstMs << (int)Math.Min(locks, 10), LongestMs));
}
