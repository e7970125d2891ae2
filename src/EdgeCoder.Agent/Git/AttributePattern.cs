using System.Globalization;
using System.Text;

namespace EdgeCoder.Agent.Git;

/// <summary>Patterns of gitattributes that mean exactly one file.</summary>
internal static class AttributePattern
{
    /// <summary>The pattern, in quotes: characters that mean something in a pattern are escaped, then everything that is not plain ASCII is.</summary>
    public static string Of(GitPath path)
    {
        var pattern = new StringBuilder("\"/");
        foreach (var one in path.Bytes)
        {
            var c = (char)one;
            _ = c switch
            {
                '*' or '?' or '[' or '\\' => pattern.Append(c == '\\' ? @"\\\\" : $@"\\{c}"),
                '"' => pattern.Append("\\\""),
                < ' ' or > '~' => pattern.Append(CultureInfo.InvariantCulture, $"\\{(one >> 6) & 7}{(one >> 3) & 7}{one & 7}"),
                _ => pattern.Append(c),
            };
        }

        return pattern.Append('"').ToString();
    }
}
