using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Ledger.Trees;

namespace EdgeCoder.Ledger.Notes;

/// <summary>The head of a log at a size (C2SP tlog-checkpoint): the text of a note with the lines origin, size and base64 root, and no others.</summary>
/// <param name="Origin">Whose log: <c>edgecoder/&lt;peerId&gt;</c>.</param>
/// <param name="Size">Leaves.</param>
/// <param name="Root">Root of the tree of that size, 32 bytes.</param>
public sealed record Checkpoint(string Origin, long Size, byte[] Root)
{
    /// <summary>Text that is signed.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(Root)}\n");

    /// <summary>SHA-256 of the text, lower-case hex: how records and anchors name it (economy-and-ledger 9.4).</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));

    /// <summary>Origin of a coordinator's log.</summary>
    public static string OriginOf(string peerId) => "edgecoder/" + peerId;

    /// <summary>Reads the text of a note. False where it is no checkpoint, has extension lines, or another spelling of the same figures.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Checkpoint? checkpoint)
    {
        checkpoint = null;
        var root = new byte[TreeHash.Size];
        if (text.Split('\n') is not [var origin, var size, var encoded, ""] || !NoteKey.IsName(origin)
            || !long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var leaves)
            || encoded.Length != 44 || !Convert.TryFromBase64String(encoded, root, out var length) || length != root.Length)
        {
            return false;
        }

        var read = new Checkpoint(origin, leaves, root);
        checkpoint = read.Text == text ? read : null;
        return checkpoint is not null;
    }
}
