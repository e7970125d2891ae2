using EdgeCoder.Agent.Submissions;
using EdgeCoder.Commands;
using EdgeCoder.Coordination;
using EdgeCoder.Hosting.Settings;
using EdgeCoder.IdeProvider.Swarm;

namespace EdgeCoder.Roles;

/// <summary>
/// The coordinator of the endpoint for editors: what <c>COORDINATOR_URL</c> names, or in all-in-one the one of this process. Nothing else, whatever addresses
/// are stored on this machine: there is no default coordinator (agent-executor-models 6.5).
/// </summary>
internal static class NamedSwarm
{
    /// <summary>How it is reached, asked at each use; faults of the setting go to the reader.</summary>
    /// <param name="surroundings">Environment and directories.</param>
    /// <param name="reader">Settings.</param>
    /// <param name="own">The coordinator of this process; null where there is none.</param>
    public static Func<SwarmAccess> Of(Surroundings surroundings, SettingsReader reader, string? own)
    {
        var named = reader.Text("COORDINATOR_URL") ?? own;
        if (named is null)
        {
            return static () => SwarmAccess.NotNamed;
        }

        if (!Uri.TryCreate(named.TrimEnd('/'), UriKind.Absolute, out var address) || !SubmitterAccess.IsPermitted(address))
        {
            reader.Refuse("COORDINATOR_URL must be an https address, or http on this machine.");
            return static () => SwarmAccess.NotNamed;
        }

        return () => Read(surroundings, named, address);
    }

    // In all-in-one the credentials are made while the endpoint starts, and a person may renew them.
    private static SwarmAccess Read(Surroundings surroundings, string named, Uri address)
    {
        try
        {
            var access = Access.For(surroundings, named);
            return access.ApiKey is { } key
                ? SwarmAccess.Of(new() { Coordinator = address, ApiKey = key, AccountId = access.AccountId })
                : SwarmAccess.None($"There is no API key for {access.CoordinatorUrl} on this machine: set EDGECODER_API_KEY, or keep one with edgecoder account create ACCOUNT --save.");
        }
        catch (Exception fault) when (fault is UsageException or IOException or UnauthorizedAccessException)
        {
            return SwarmAccess.None(fault.Message);
        }
    }
}
