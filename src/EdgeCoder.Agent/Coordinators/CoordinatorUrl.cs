using System.Diagnostics.CodeAnalysis;

namespace EdgeCoder.Agent.Coordinators;

/// <summary>Addresses of coordinators as they are compared: scheme, host and port in lower case and nothing more (coordinator-and-mesh 1).</summary>
public static class CoordinatorUrl
{
    /// <summary>The address in its one form; false for what is no http(s) address, or is http to another machine.</summary>
    public static bool TryNormalise(string? text, [NotNullWhen(true)] out string? url)
    {
        url = null;
        if (!Uri.TryCreate(text?.Trim(), UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https") || parsed.Host.Length == 0)
        {
            return false;
        }

        if (parsed.Scheme == "http" && !parsed.IsLoopback)
        {
            return false;
        }

        // GetLeftPart keeps user-info, so the parts are put together by hand.
        url = parsed.IsDefaultPort ? $"{parsed.Scheme}://{parsed.Host.ToLowerInvariant()}" : $"{parsed.Scheme}://{parsed.Host.ToLowerInvariant()}:{parsed.Port}";
        return true;
    }
}
