using System.Text;

namespace EdgeCoder.Agent.Roots;

/// <summary>Places that no tool writes to: git's own directory and EdgeCoder's policy, at any depth and however a file system lets them be spelt (agent-executor-models 2.1).</summary>
internal static class ProtectedNames
{
    /// <summary>Why nothing may be written to a path; null when it may.</summary>
    public static string? WhyNot(ProjectPath path)
    {
        foreach (var segment in path.Segments)
        {
            if (IsGit(segment))
            {
                return "nothing is written under .git/; use the git tools";
            }

            if (IsPolicy(segment))
            {
                return "nothing is written under .edgecoder/: it holds the person's policy";
            }
        }

        return null;
    }

    /// <summary>Whether a name is <c>.git</c> on some file system: any case, NTFS short names, trailing dots and spaces, a stream, characters that HFS+ does not see.</summary>
    public static bool IsGit(string segment) => Bare(segment) is var name && (name == ".git" || name.StartsWith("git~", StringComparison.Ordinal));

    private static bool IsPolicy(string segment) => Bare(segment) is var name && (name == ".edgecoder" || name.StartsWith("edgeco~", StringComparison.Ordinal));

    private static string Bare(string segment)
    {
        var text = new StringBuilder(segment.Length);
        foreach (var character in segment)
        {
            if (character is not (>= '\u200c' and <= '\u200f' or >= '\u202a' and <= '\u202e' or >= '\u206a' and <= '\u206f' or '\ufeff'))
            {
                text.Append(char.ToLowerInvariant(character));
            }
        }

        return text.ToString().Split(':')[0].TrimEnd(' ', '.');
    }
}
