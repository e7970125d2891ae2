using EdgeCoder.Agent.Secrets;
using EdgeCoder.Agent.Tests.Files;

namespace EdgeCoder.Agent.Tests.Secrets;

public sealed class SecretFilePolicyTests
{
    private const string Canary = "canary-7b1f";

    public static TheoryData<string> Denied =>
    [
        ".env", ".env.local", "a/b/.ENV", ".envrc", ".env.example.local", "cert.pem", "x.KEY", "x.p12", "x.pfx", "x.jks", "x.kdbx", "id_rsa", "id_rsa.pub", "deep/id_ed25519", "id_ecdsa_sk",
        ".ssh/config", "a/.ssh/known_hosts", ".aws/x", ".azure/x/y", ".gnupg/x", ".kube/config", ".config/gcloud/x.json", "home/.config/gcloud/a/b", ".docker/config.json", ".netrc", ".npmrc",
        ".pypirc", ".git-credentials", "credentials", "credentials.json", "secrets.yaml", "Secrets.json", "terraform.tfstate", "terraform.tfstate.backup", ".git/config", ".git/modules/x/config",
        "sub/.GIT/config", ".env.", ".env ", ".env::$DATA", ".env.d/prod",
    ];

    [Theory]
    [MemberData(nameof(Denied))]
    public void Content_of_secret_files_is_denied(string path) => Assert.True(SecretFilePolicy.Default.IsDenied(path));

    [Theory]
    [InlineData(".env.example")]
    [InlineData("a/.env.sample")]
    [InlineData(".env.local.template")]
    [InlineData("env.py")]
    [InlineData("keys.txt")]
    [InlineData("monkey.py")]
    [InlineData("my_credentials.py")]
    [InlineData("secrets_test.py")]
    [InlineData("docker/config.json")]
    [InlineData(".github/config")]
    [InlineData("config")]
    [InlineData(".config/other/x")]
    public void Ordinary_files_are_not(string path) => Assert.False(SecretFilePolicy.Default.IsDenied(path));

    [Fact]
    public void Policy_adds_and_a_person_opens_single_files()
    {
        var policy = new SecretFilePolicy(added: ["*.vault", "private/**", "Notes"], allowed: [".env", "private/open.txt"]);
        Assert.True(policy.IsDenied("a/b.VAULT"));
        Assert.True(policy.IsDenied("private/x/y"));
        Assert.True(policy.IsDenied("a/notes/b.txt"));
        Assert.False(policy.IsDenied("private/open.txt"));
        Assert.False(policy.IsDenied(".env"));
        Assert.True(policy.IsDenied("sub/.env"));
        Assert.False(policy.IsDenied("public/a.txt"));
    }

    [Fact]
    public async Task No_tool_shows_a_denied_file_or_writes_it()
    {
        using var project = new Project();
        project.Write(".env", $"KEY={Canary}\n");
        project.Write("a.txt", "text\n");
        File.CreateSymbolicLink(project["link.txt"], ".env");
        Directory.CreateDirectory(project[".ssh"]);
        project.Write(".ssh/notes.md", Canary);
        Directory.CreateSymbolicLink(project["keys"], ".ssh");
        foreach (var path in new[] { ".env", "link.txt", ".ssh/notes.md", "keys/notes.md", "./x/../.env" })
        {
            Assert.Contains("denied", await project.RefusalAsync("read_file", new { path }));
            Assert.Contains("denied", await project.RefusalAsync("edit_file", new { path, old_string = Canary, new_string = "x" }));
            Assert.Contains("denied", await project.RefusalAsync("write_file", new { path, content = "x" }));
            Assert.Contains("denied", await project.RefusalAsync("search_files", new { pattern = Canary, path }));
            Assert.Contains("denied", await project.RefusalAsync("apply_patch", new { patch = $"*** Begin Patch\n*** Update File: {path}\n@@\n-KEY={Canary}\n+x\n*** End Patch" }));
        }

        Assert.Contains("denied", await project.RefusalAsync("apply_patch", new { patch = "*** Begin Patch\n*** Update File: .env\n*** Move to: seen.txt\n*** End Patch" }));
        Assert.Contains("no match", await project.TextAsync("search_files", new { pattern = "canary" }));
        Assert.Contains("no match", await project.TextAsync("search_files", new { pattern = "canary", path = "keys" }));
        Assert.Contains("file .env", await project.TextAsync("list_directory", new { path = ".", hidden = true }));
        Assert.Equal($"KEY={Canary}\n", project.Read(".env"));
    }

    [Fact]
    public async Task A_file_that_a_person_opened_is_shown()
    {
        using var project = new Project(new SecretFilePolicy(allowed: [".env"]));
        project.Write(".env", $"KEY={Canary}\n");
        Assert.Contains(Canary, await project.TextAsync("read_file", new { path = ".env" }));
        Assert.Contains(Canary, await project.TextAsync("search_files", new { pattern = "canary" }));
    }

    [Fact]
    public void All_denied_files_of_a_tree_are_found_for_masking()
    {
        using var project = new Project();
        foreach (var path in new[] { ".env", "src/a.py", "src/.env.example", "src/deep/server.pem", ".aws/credentials", ".aws/x/y", "node_modules/pkg/.npmrc", ".git/config", ".git/objects/ab/cd", "conf/prod.txt" })
        {
            project.Write(path, "x");
        }

        project.Write(".gitignore", ".env\n");
        File.CreateSymbolicLink(project["src/.env"], "../conf/prod.txt");
        Assert.Equal(
            [".aws", ".env", ".git/config", "conf/prod.txt", "node_modules/pkg/.npmrc", "src/.env", "src/deep/server.pem"],
            project.Secrets.DeniedIn(project.Root, TestContext.Current.CancellationToken).Select(path => path.Value));
        Assert.Equal(
            [".aws/credentials"],
            new SecretFilePolicy(allowed: [".aws/x/y"]).DeniedIn(project.Root, TestContext.Current.CancellationToken).Select(path => path.Value).Where(path => path.StartsWith(".aws", StringComparison.Ordinal)));
    }
}
