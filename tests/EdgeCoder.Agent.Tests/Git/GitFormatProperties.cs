using System.Text;
using CsCheck;
using EdgeCoder.Agent.Git;
using EdgeCoder.Agent.Repositories;

namespace EdgeCoder.Agent.Tests.Git;

public sealed class GitFormatProperties
{
    private static readonly Gen<byte[]> NameBytes = Gen.Byte.Where(b => b != 0).Array[1, 12];

    [Fact]
    public void Names_of_any_bytes_survive_lists_and_raw_entries() => NameBytes.Array[0, 6].Sample(names =>
    {
        Assert.Equal(names.Select(Convert.ToHexString), NulText.Split(NulText.Join(names)).Select(Convert.ToHexString));
        var raw = names.SelectMany(n => (byte[])[.. Encoding.ASCII.GetBytes($":100644 100755 {new string('a', 40)} {new string('b', 40)} M\0"), .. n, 0]).ToArray();
        var read = RawChange.Read([.. raw, 0, .. "diff --git"u8], out var rest);
        Assert.Equal(names.Select(Convert.ToHexString), read.Select(r => Convert.ToHexString(r.Path.Bytes)));
        Assert.Equal(names.Length == 0 ? "\0diff --git"[1..] : "diff --git", Encoding.ASCII.GetString(rest));
    });

    [Fact]
    public void Raw_entries_cut_anywhere_are_an_error_or_fewer_whole_ones() => Gen.Int[0, 90].Sample(length =>
    {
        var raw = Encoding.ASCII.GetBytes($":100644 100755 {new string('a', 40)} {new string('b', 40)} R100\0old\0new\0");
        try
        {
            Assert.True(RawChange.Read(raw.AsSpan(0, Math.Min(length, raw.Length)), out _).Count == (length >= raw.Length ? 1 : 0));
        }
        catch (RepositoryException fault)
        {
            Assert.Equal("git_failed", fault.Code);
        }
    });

    [Fact]
    public void Configuration_that_is_taken_over_names_no_program_no_file_and_no_section_of_its_own()
    {
        var value = Gen.OneOf(Gen.String[Gen.Char[" \n\t[]=\"\\#;abc/!"], 0, 20], Gen.Const("true"), Gen.Const("/tmp/evil"), Gen.Const("input\n[core]\n\tfsmonitor = /tmp/evil"));
        var key = One(
            "core.fsmonitor", "core.hookspath", "core.sshcommand", "core.eol", "core.autocrlf", "core.filemode", "core.ignorecase", "core.worktree", "diff.external", "filter.x.clean", "alias.status",
            "include.path", "user.name", "user.email", "remote.origin.url", "core.attributesfile", "core.excludesfile", "gpg.program", "credential.helper", "core.bare", "uploadpack.packobjectshook");
        var expected = new GitConfiguration().ToText().Split('\n');
        Gen.Select(key, value).Array[0, 12].Sample(entries =>
        {
            var text = GitConfiguration.Read([.. entries.Select(e => Encoding.UTF8.GetBytes($"{e.Item1}\n{e.Item2}"))]).ToText();
            var added = text.Split('\n').Except(expected);
            Assert.All(added, line => Assert.Matches(@"^\t(filemode|ignorecase|autocrlf|eol) = (true|false|input|lf|crlf|native)$", line));
        });
    }

    private static Gen<string> One(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    [Theory]
    [InlineData("refs/heads/a/../b")]
    [InlineData("refs/heads/-x")]
    [InlineData("refs/heads/x.lock")]
    [InlineData("refs/heads/a b")]
    [InlineData("refs/heads/a\nb")]
    [InlineData("refs/heads/")]
    [InlineData("refs/stash")]
    [InlineData("HEAD")]
    [InlineData("refs/heads/x@{1}")]
    public void Name_that_git_would_not_take_is_no_reference(string name) => Assert.False(GitReferences.IsName(name));

    [Fact]
    public void Packed_references_are_read_and_anything_else_in_the_file_is_passed_over()
    {
        var id = new string('a', 40);
        var text = $"# pack-refs with: peeled\n{id} refs/heads/main\n{id} refs/tags/v1\n^{id}\nnonsense\n{id} refs/heads/a b\n{id} refs/stash\r\n{new string('b', 64)} refs/remotes/origin/x\r\n";
        Assert.Equal(["refs/heads/main", "refs/tags/v1", "refs/remotes/origin/x"], GitReferences.Packed(text).Select(r => r.Name));
    }
}
