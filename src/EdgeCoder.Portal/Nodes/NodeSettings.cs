using EdgeCoder.Hosting.Settings;

namespace EdgeCoder.Portal.Nodes;

/// <summary>Settings of enrolment.</summary>
public sealed record NodeSettings
{
    /// <summary><c>NODE_REGISTRATION_TOKEN_TTL_MS</c>.</summary>
    public TimeSpan TokenTime { get; init; } = TimeSpan.FromMilliseconds(259_200_000);

    /// <summary><c>NODE_AUTO_APPROVE_VERIFIED_OWNERS</c>: agents of people with a confirmed address need no operator.</summary>
    public bool ApprovesVerifiedOwners { get; init; }

    /// <summary>Reads them; faults go to the reader.</summary>
    public static NodeSettings Read(SettingsReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var approves = reader.Flag("NODE_AUTO_APPROVE_VERIFIED_OWNERS", false);
        return new()
        {
            TokenTime = reader.Milliseconds("NODE_REGISTRATION_TOKEN_TTL_MS", 259_200_000, 60_000, 2_592_000_000),

            // portal-and-control-plane 4: forced false in enterprise_overlay.
            ApprovesVerifiedOwners = approves && reader.Text("NETWORK_MODE") != "enterprise_overlay",
        };
    }
}
