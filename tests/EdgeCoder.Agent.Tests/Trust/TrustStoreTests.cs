using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Trust;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Agent.Tests.Trust;

public sealed class TrustStoreTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public TrustStoreTests()
    {
        Directory.CreateDirectory(_directory["p"]);
        Directory.CreateDirectory(_directory["p-secret"]);
    }

    private TrustStore Store => new(_directory["data"], TimeProvider.System);

    [Fact]
    public void Root_is_trusted_once_and_for_all_processes_until_it_is_forgotten()
    {
        Assert.False(Store.IsTrusted(_directory["p"]));
        Store.Trust(_directory["p"]);
        Assert.True(Store.IsTrusted(_directory["p"]));
        Assert.True(Store.IsTrusted(_directory["p"] + "/../p/"));
        Assert.True(Store.Forget(_directory["p"]));
        Assert.False(Store.Forget(_directory["p"]));
        Assert.False(Store.IsTrusted(_directory["p"]));
    }

    [Fact]
    public void Persons_who_trust_at_the_same_moment_lose_nothing()
    {
        for (var n = 0; n < 16; n++)
        {
            Directory.CreateDirectory(_directory[$"p{n}"]);
        }

        Parallel.For(0, 16, n => Store.Trust(_directory[$"p{n}"]));

        Assert.Equal(16, Store.List().Count);
    }

    [Fact]
    public void Neither_a_longer_name_nor_a_directory_within_is_trusted()
    {
        Store.Trust(_directory["p"]);
        Assert.False(Store.IsTrusted(_directory["p-secret"]));
        Assert.False(Store.IsTrusted(Directory.CreateDirectory(_directory["p/inner"]).FullName));
        Assert.False(Store.IsTrusted(_directory.Path));
    }

    [Fact]
    public void Trust_is_in_the_directory_and_not_in_the_link_to_it()
    {
        var link = _directory["link"];
        Directory.CreateSymbolicLink(link, _directory["p"]);
        Store.Trust(link);
        Assert.True(Store.IsTrusted(_directory["p"]));

        Directory.Delete(link);
        Directory.CreateSymbolicLink(link, _directory["p-secret"]);
        Assert.False(Store.IsTrusted(link));
    }

    [Fact]
    public void File_is_its_owners_alone_and_one_that_is_not_is_refused()
    {
        Store.Trust(_directory["p"]);
        var file = Path.Combine(_directory["data"], "trust.json");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        Assert.Equal("trust_unreadable", Assert.Throws<RepositoryException>(() => Store.IsTrusted(_directory["p"])).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"version\":1,\"roots\":[{\"path\":\"/")]
    [InlineData("{\"version\":2,\"roots\":[]}")]
    [InlineData("null")]
    public void Damaged_file_trusts_nothing_and_is_not_overwritten(string content)
    {
        Store.Trust(_directory["p"]);
        var file = Path.Combine(_directory["data"], "trust.json");
        File.WriteAllText(file, content);
        Assert.Equal("trust_unreadable", Assert.Throws<RepositoryException>(() => Store.IsTrusted(_directory["p"])).Code);
        Assert.Equal("trust_unreadable", Assert.Throws<RepositoryException>(() => Store.Trust(_directory["p"])).Code);
        Assert.Equal(content, File.ReadAllText(file));
    }

    [Fact]
    public void Directory_that_is_not_there_cannot_be_trusted() =>
        Assert.Equal("root_not_found", Assert.Throws<RepositoryException>(() => Store.Trust(_directory["none"])).Code);

    public void Dispose() => _directory.Dispose();
}
