using EdgeCoder.Portal.Composition;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;

namespace EdgeCoder.Portal.Passkeys;

/// <summary>
/// For whom passkeys are made: an id, which is a domain, and the origins of its pages. A loopback address is no domain, so there the id is <c>localhost</c>, and
/// pages that were opened by number say so.
/// </summary>
/// <param name="settings">Settings.</param>
/// <param name="address">Address of the portal.</param>
internal sealed class RelyingParty(PortalSettings settings, PortalAddress address)
{
    /// <summary>The relying party's id.</summary>
    public string Id => settings.Passkeys.RpId ?? (settings.PublicUrl is { HostNameType: UriHostNameType.Dns } named ? named.Host : "localhost");

    /// <summary>Origins whose pages may use them.</summary>
    public IReadOnlyList<string> Origins
    {
        get
        {
            var own = address.Base.GetLeftPart(UriPartial.Authority);
            var local = $"{address.Base.Scheme}://localhost:{address.Base.Port}";
            return [.. settings.Passkeys.Origins.Append(own).Concat(Id == "localhost" && address.Base.IsLoopback ? [local] : Array.Empty<string>()).Where(origin => IsUnder(new Uri(origin).Host)).Distinct(StringComparer.Ordinal)];
        }
    }

    /// <summary>Sets the framework's handler up: WebAuthn Level 3, 5.4 and 7.1, 7.2.</summary>
    public void Configure(IdentityPasskeyOptions options)
    {
        options.AuthenticatorTimeout = TimeSpan.FromMinutes(1);
        options.ServerDomain = Id;
        options.UserVerificationRequirement = "required";
        options.ResidentKeyRequirement = "required";
        options.AttestationConveyancePreference = "none";
        options.ValidateOrigin = context => ValueTask.FromResult(!context.CrossOrigin && Origins.Contains(context.Origin, StringComparer.Ordinal));
    }

    /// <summary>Where passkeys work, when that is not the address of a request; null when it is.</summary>
    public string? Elsewhere(HttpContext context) => Origins.Contains($"{context.Request.Scheme}://{context.Request.Host.Value}", StringComparer.Ordinal) ? null : Origins.Count == 0 ? address.Base.GetLeftPart(UriPartial.Authority) : Origins[0];

    private bool IsUnder(string host) => host == Id || host.EndsWith("." + Id, StringComparison.Ordinal);
}
