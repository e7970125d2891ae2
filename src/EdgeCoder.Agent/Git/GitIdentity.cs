using System.Globalization;

namespace EdgeCoder.Agent.Git;

/// <summary>Who writes a commit, and when.</summary>
/// <param name="Name">Name.</param>
/// <param name="Email">Address.</param>
/// <param name="At">Time.</param>
internal sealed record GitIdentity(string Name, string Email, DateTimeOffset At)
{
    /// <summary>This program.</summary>
    public static GitIdentity Program(DateTimeOffset at) => new("EdgeCoder", "edgecoder@localhost", at);

    /// <summary>Tells git.</summary>
    public void AddTo(Dictionary<string, string> environment)
    {
        var date = string.Create(CultureInfo.InvariantCulture, $"@{At.ToUnixTimeSeconds()} +0000");
        foreach (var role in (string[])["AUTHOR", "COMMITTER"])
        {
            environment[$"GIT_{role}_NAME"] = Name;
            environment[$"GIT_{role}_EMAIL"] = Email;
            environment[$"GIT_{role}_DATE"] = date;
        }
    }
}
