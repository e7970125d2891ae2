using System.Globalization;

namespace EdgeCoder.Agent.Contexts;

/// <summary>The whole results of tools, by handle, for as long as the session is open. The journal has them too, so a resumed session has them again.</summary>
internal sealed class KeptOutputs
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    /// <summary>Keeps a text; equal sessions give equal handles.</summary>
    public string Keep(string text)
    {
        var handle = string.Create(CultureInfo.InvariantCulture, $"r{_texts.Count + 1}");
        _texts.Add(handle, text);
        return handle;
    }

    /// <summary>The text of a handle, or null.</summary>
    public string? Find(string handle) => _texts.GetValueOrDefault(handle);
}
