using System.Text;
using EdgeCoder.Agent.Repositories;

namespace EdgeCoder.Agent.Git;

/// <summary>One entry of <c>git diff-tree --raw -z</c>.</summary>
/// <param name="Status"><c>A</c>, <c>M</c>, <c>D</c>, <c>R</c>, <c>C</c> or <c>T</c>.</param>
/// <param name="Path">The file.</param>
/// <param name="OldPath">Where it was, of a renamed or copied file.</param>
/// <param name="OldMode">Mode before; 000000 for none.</param>
/// <param name="NewMode">Mode after.</param>
/// <param name="OldId">Object before; zeros for none.</param>
/// <param name="NewId">Object after.</param>
internal sealed record RawChange(char Status, GitPath Path, GitPath? OldPath, string OldMode, string NewMode, string OldId, string NewId)
{
    /// <summary>The entry after the change; without id when it is gone.</summary>
    public TreeEntry After => new(Path, NewMode, Status == 'D' ? null : NewId);

    /// <summary>Whether it is about a submodule.</summary>
    public bool IsSubmodule => OldMode == TreeEntry.Submodule || NewMode == TreeEntry.Submodule;

    /// <summary>Reads entries.</summary>
    /// <param name="answer">The answer of git; a patch may follow after an empty part.</param>
    /// <param name="rest">What follows.</param>
    public static IReadOnlyList<RawChange> Read(ReadOnlySpan<byte> answer, out ReadOnlySpan<byte> rest)
    {
        var changes = new List<RawChange>();
        while (!answer.IsEmpty && answer[0] == (byte)':')
        {
            var fields = Encoding.ASCII.GetString(Next(ref answer)).Split(' ');
            if (fields.Length != 5 || fields[4].Length == 0)
            {
                throw new RepositoryException("git_failed", "git diff-tree answered an entry that cannot be read.");
            }

            var first = GitPath.Of(Next(ref answer));
            var moved = fields[4][0] is 'R' or 'C';
            changes.Add(moved
                ? new RawChange(fields[4][0], GitPath.Of(Next(ref answer)), first, fields[0][1..], fields[1], fields[2], fields[3])
                : new RawChange(fields[4][0], first, null, fields[0][1..], fields[1], fields[2], fields[3]));
        }

        rest = answer.IsEmpty || answer[0] != 0 ? answer : answer[1..];
        return changes;
    }

    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf((byte)0);
        if (end < 0)
        {
            throw new RepositoryException("git_failed", "git diff-tree answered an entry that is cut off.");
        }

        var part = answer[..end];
        answer = answer[(end + 1)..];
        return part;
    }
}
