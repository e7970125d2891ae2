using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Patches;

/// <summary>Reads a patch in either form. Pure.</summary>
internal static class PatchText
{
    private const int MostSections = 500;

    /// <summary>Its sections; a <see cref="ToolException"/> says what does not parse, and where.</summary>
    public static IReadOnlyList<PatchSection> Parse(string text)
    {
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
        var sections = lines.Any(line => line.Trim() == EnvelopePatch.Begin) ? EnvelopePatch.Parse(lines)
            : lines.Any(line => line.StartsWith("--- ", StringComparison.Ordinal) || line.StartsWith("diff --git ", StringComparison.Ordinal)) ? UnifiedDiff.Parse(lines)
            : throw new ToolException("The patch is neither: it needs '*** Begin Patch' ... '*** End Patch', or a unified diff with '--- a/file' and '+++ b/file' lines.");
        return sections.Count is > 0 and <= MostSections ? sections : throw new ToolException(sections.Count == 0 ? "The patch changes no file." : $"The patch names more than {MostSections} files.");
    }
}
