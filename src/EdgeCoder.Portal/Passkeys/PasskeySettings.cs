using EdgeCoder.Hosting.Settings;

namespace EdgeCoder.Portal.Passkeys;

/// <summary>The relying party (portal-and-control-plane 4, 7).</summary>
public sealed record PasskeySettings
{
    /// <summary><c>PASSKEY_RP_ID</c>: passkeys are bound to it for ever. Null: the host of the public address, <c>localhost</c> for a loopback address, which is no domain.</summary>
    public string? RpId { get; init; }

    /// <summary><c>PASSKEY_RP_NAME</c>.</summary>
    public string RpName { get; init; } = "EdgeCoder Portal";

    /// <summary><c>PASSKEY_ORIGIN</c> and <c>PASSKEY_ALLOWED_ORIGINS</c>; the public address is added.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    /// <summary><c>PASSKEY_CHALLENGE_TTL_MS</c>.</summary>
    public TimeSpan ChallengeTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether a changed <see cref="RpId"/> was confirmed (<c>PASSKEY_RP_ID_CHANGE=confirm</c>).</summary>
    public bool ChangeConfirmed { get; init; }

    /// <summary>Reads them; faults go to the reader.</summary>
    /// <param name="reader">Settings.</param>
    /// <param name="exposed">Whether origins must be https.</param>
    public static PasskeySettings Read(SettingsReader reader, bool exposed)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var rpId = reader.Text("PASSKEY_RP_ID")?.ToLowerInvariant();
        if (rpId is not null && Uri.CheckHostName(rpId) != UriHostNameType.Dns)
        {
            reader.Refuse("PASSKEY_RP_ID must be a domain name, without scheme and port.");
        }

        var origins = new List<string>();
        foreach (var (name, text) in reader.List("PASSKEY_ORIGIN").Select(text => ("PASSKEY_ORIGIN", text)).Concat(reader.List("PASSKEY_ALLOWED_ORIGINS").Select(text => ("PASSKEY_ALLOWED_ORIGINS", text))))
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http"))
            {
                reader.Refuse($"{name} must be origins, as https://portal.example.org.");
            }
            else if (exposed && url.Scheme != Uri.UriSchemeHttps)
            {
                reader.Refuse($"{name} must be https beyond loopback.");
            }
            else if (rpId is not null && url.Host != rpId && !url.Host.EndsWith("." + rpId, StringComparison.OrdinalIgnoreCase))
            {
                reader.Refuse($"{name} must be under PASSKEY_RP_ID.");
            }
            else
            {
                origins.Add(url.GetLeftPart(UriPartial.Authority));
            }
        }

        return new()
        {
            RpId = rpId,
            RpName = reader.Text("PASSKEY_RP_NAME") ?? "EdgeCoder Portal",
            Origins = origins,
            ChallengeTime = reader.Milliseconds("PASSKEY_CHALLENGE_TTL_MS", 300_000, 30_000, 3_600_000),
            ChangeConfirmed = reader.Text("PASSKEY_RP_ID_CHANGE") == "confirm",
        };
    }
}
