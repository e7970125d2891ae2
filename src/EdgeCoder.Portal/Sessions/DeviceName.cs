namespace EdgeCoder.Portal.Sessions;

/// <summary>What a list of sessions calls a browser: words of ours, never the text that the browser sent.</summary>
internal static class DeviceName
{
    private static readonly (string Mark, string Name)[] Browsers = [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"), ("edgecoder", "EdgeCoder")];

    private static readonly (string Mark, string Name)[] Systems = [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux")];

    /// <summary>As <c>Firefox on Linux</c>.</summary>
    public static string Of(string userAgent)
    {
        var browser = Browsers.FirstOrDefault(one => userAgent.Contains(one.Mark, StringComparison.OrdinalIgnoreCase)).Name ?? "Unknown program";
        var system = Systems.FirstOrDefault(one => userAgent.Contains(one.Mark, StringComparison.OrdinalIgnoreCase)).Name;
        return system is null ? browser : $"{browser} on {system}";
    }
}
