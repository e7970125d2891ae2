using System.Text.RegularExpressions;

namespace EdgeCoder.Agent.Redaction;

/// <summary>E-mail addresses, user names in paths, host names on the policy's list.</summary>
internal sealed class PersonalData
{
    private readonly List<Regex> _patterns;

    /// <summary>For one policy and one user.</summary>
    public PersonalData(IReadOnlyList<string> hostNames, string userName)
    {
        _patterns =
        [
            RedactionPattern.Of("""\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b"""),
            RedactionPattern.Of("""(?i)(/home/|/Users/|\b[A-Z]:(\\|/)+Users(\\|/)+)(?<v>[^\s/\\:"'<>|*?]+)"""),
        ];
        if (userName.Length >= 3 && userName is not ("root" or "user" or "admin"))
        {
            _patterns.Add(RedactionPattern.Of($@"(?i)[/\\](?<v>{Regex.Escape(userName)})([/\\]|\b)"));
        }

        _patterns.AddRange(hostNames.Where(name => name.Length > 0).Select(name => RedactionPattern.Of($@"(?i)\b{Regex.Escape(name)}\b")));
    }

    /// <summary>Finds them.</summary>
    public void Find(string text, SecretFound found)
    {
        foreach (var pattern in _patterns)
        {
            RedactionPattern.Find(pattern, text, RedactionKind.Personal, found);
        }
    }
}
