using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace EdgeCoder.Coordinator.Tests.Storage;

/// <summary>The statements written into an assembly, found among its string constants.</summary>
internal static partial class StatementTexts
{
    /// <summary>Whole statements with values. Pieces of composed ones are left out, and so is what is PostgreSQL's own.</summary>
    public static IEnumerable<string> Of(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var reader = file.GetMetadataReader();
        for (var handle = MetadataTokens.UserStringHandle(1); !handle.IsNil && reader.GetHeapOffset(handle) < reader.GetHeapSize(HeapIndex.UserString); handle = reader.GetNextHandle(handle))
        {
            var text = reader.GetUserString(handle);
            if (Statement().IsMatch(text) && !text.Contains("pg_", StringComparison.Ordinal) && !Piece().IsMatch(text))
            {
                yield return text;
            }
        }
    }

    [GeneratedRegex(@"^\s*(SELECT|UPDATE|INSERT INTO|DELETE FROM|WITH)\s[^;]*\$1\b")]
    private static partial Regex Statement();

    [GeneratedRegex(@"([\s(,=]|\bIN|\bAND|\bOR|\bSET)$")]
    private static partial Regex Piece();
}
