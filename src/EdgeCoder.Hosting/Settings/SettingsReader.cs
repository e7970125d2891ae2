using System.Globalization;

namespace EdgeCoder.Hosting.Settings;

/// <summary>
/// Reads the settings of a role by the rules of environment.md 1 and collects every fault, so that one message names them all. Values of secrets
/// appear in no fault.
/// </summary>
/// <param name="environment">Looks a variable up.</param>
/// <param name="readFile">Reads a file that holds a secret (<c>NAME_FILE</c>).</param>
public sealed class SettingsReader(Func<string, string?> environment, Func<string, string>? readFile = null)
{
    private static readonly string[] Placeholders = ["changeme", "change-me", "placeholder", "your-", "example", "secret-here"];

    private readonly List<string> _faults = [];

    /// <summary>Every fault so far: name, what is wrong, what is accepted.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>A trimmed value; null when unset or empty.</summary>
    public string? Text(string name) => environment(name)?.Trim() is { Length: > 0 } value ? value : null;

    /// <summary>A decimal integer inside a range.</summary>
    public long Number(string name, long standard, long least, long most)
    {
        if (Text(name) is not { } text)
        {
            return standard;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : Fault(standard, $"{name} must be a whole number from {least} to {most}.");
    }

    /// <summary>A time in milliseconds inside a range.</summary>
    public TimeSpan Milliseconds(string name, long standard, long least, long most) => TimeSpan.FromMilliseconds(Number(name, standard, least, most));

    /// <summary>An exact decimal as basis points: <c>0.35</c> is 3,500. At most four decimals.</summary>
    public long BasisPoints(string name, long standard, long most)
    {
        if (Text(name) is not { } text)
        {
            return standard;
        }

        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value * 10_000 is var points && points == decimal.Truncate(points) && points <= most
            ? (long)points
            : Fault(standard, string.Create(CultureInfo.InvariantCulture, $"{name} must be a decimal from 0 to {most / 10_000m} with at most four decimals."));
    }

    /// <summary>true, false, 1 or 0.</summary>
    public bool Flag(string name, bool standard) => Text(name)?.ToLowerInvariant() switch
    {
        null => standard,
        "true" or "1" => true,
        "false" or "0" => false,
        _ => Fault(standard, $"{name} must be true, false, 1 or 0."),
    };

    /// <summary>One of some words.</summary>
    public string Choice(string name, string standard, params ReadOnlySpan<string> choices)
    {
        if (Text(name) is not { } text)
        {
            return standard;
        }

        foreach (var choice in choices)
        {
            if (choice == text)
            {
                return choice;
            }
        }

        return Fault(standard, $"{name} must be one of {string.Join(", ", choices!)}.");
    }

    /// <summary>An absolute http or https address without user, query or fragment; https unless the host is loopback.</summary>
    public Uri? Url(string name, string? standard = null)
    {
        if ((Text(name) ?? standard) is not { } text)
        {
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            return Fault<Uri?>(null, $"{name} must be an absolute http or https address without user, query or fragment.");
        }

        return url.Scheme == "https" || url.IsLoopback ? url : Fault<Uri?>(null, $"{name} must use https, because its host is not this machine.");
    }

    /// <summary>
    /// A secret, from the variable or from the file that <c>NAME_FILE</c> names: at least 32 characters and no placeholder. Null when unset, which
    /// closes what it opens.
    /// </summary>
    public string? Secret(string name, int least = 32)
    {
        var value = Text(name);
        if (Text(name + "_FILE") is { } file)
        {
            if (value is not null)
            {
                return Fault<string?>(null, $"{name} and {name}_FILE are both set. Set one.");
            }

            try
            {
                value = (readFile ?? File.ReadAllText)(file).Trim();
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                return Fault<string?>(null, $"{name}_FILE names a file that cannot be read.");
            }
        }

        if (value is not { Length: > 0 })
        {
            return null;
        }

        if (value.Length < least)
        {
            return Fault<string?>(null, $"{name} must have at least {least} characters.");
        }

        return value.StartsWith('<') || Placeholders.Any(p => value.Contains(p, StringComparison.OrdinalIgnoreCase)) ? Fault<string?>(null, $"{name} is a placeholder. Make a random value.") : value;
    }

    /// <summary>Items between commas, trimmed, empty ones dropped.</summary>
    public IReadOnlyList<string> List(string name) => Text(name)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>Adds a fault that a role found; parts that read the same setting find the same fault, which is told once.</summary>
    public void Refuse(string fault)
    {
        if (!_faults.Contains(fault))
        {
            _faults.Add(fault);
        }
    }

    /// <summary>Throws with every fault in one message, when there is one.</summary>
    public void ThrowIfFaulty()
    {
        if (_faults.Count > 0)
        {
            throw new SettingsException(_faults);
        }
    }

    private T Fault<T>(T stand, string fault)
    {
        Refuse(fault);
        return stand;
    }
}

/// <summary>Settings that a role cannot start with. The message names every fault and no secret.</summary>
/// <param name="faults">One line each.</param>
public sealed class SettingsException(IReadOnlyList<string> faults) : Exception(string.Join(Environment.NewLine, faults))
{
    /// <summary>One line each.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}
