namespace EdgeCoder.IdeProvider.Relaying;

/// <summary>Some servers repeat the role in every piece; clients of the API expect it in the first alone.</summary>
internal static class ChunkRole
{
    private static readonly byte[][] Written = [.. new[] { "\"delta\":{\"role\":\"assistant\"", "\"delta\": {\"role\": \"assistant\"" }.Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <summary>
    /// Where the role stands with the comma behind it, in a piece after the first; null where it does not. Inside a text the quotes would be escaped, so the
    /// bytes cannot be mistaken.
    /// </summary>
    public static (int Start, int End)? Find(ReadOnlySpan<byte> json)
    {
        foreach (var form in Written)
        {
            var at = json.IndexOf(form);
            if (at >= 0)
            {
                var start = at + form.AsSpan().IndexOf((byte)'{') + 1;
                var end = at + form.Length;
                while (end < json.Length && json[end] is (byte)',' or (byte)' ')
                {
                    end++;
                }

                return (start, end);
            }
        }

        return null;
    }
}
