using System.Text.RegularExpressions;
using System.Xml.Linq;
using EdgeCoder.TestKit.Files;
using Checkout = EdgeCoder.TestKit.Files.Repository;

namespace EdgeCoder.Tests.Repository;

/// <summary>Reads the project files and holds the layout that docs/architecture.md promises.</summary>
public sealed class RepositoryShapeTests
{
    // Roles never reference each other; libraries reference downwards only. A project that is not here may reference nothing of src.
    private static readonly Dictionary<string, string[]> AllowedReferences = new()
    {
        ["EdgeCoder.Protocol"] = [],
        ["EdgeCoder.Executor"] = ["EdgeCoder.Protocol"],
        ["EdgeCoder.Agent"] = ["EdgeCoder.Protocol", "EdgeCoder.Executor"],
        ["EdgeCoder.Ledger"] = ["EdgeCoder.Protocol"],
        ["EdgeCoder.Hosting"] = ["EdgeCoder.Protocol"],
        ["EdgeCoder.AnchorProxy"] = ["EdgeCoder.Protocol", "EdgeCoder.Ledger", "EdgeCoder.Hosting"],
        ["EdgeCoder.Portal"] = ["EdgeCoder.Protocol", "EdgeCoder.Hosting"],
        ["EdgeCoder.IdeProvider"] = ["EdgeCoder.Protocol", "EdgeCoder.Ledger", "EdgeCoder.Executor", "EdgeCoder.Agent", "EdgeCoder.Hosting"],
        ["EdgeCoder.Inference"] = ["EdgeCoder.Protocol", "EdgeCoder.Executor", "EdgeCoder.Agent", "EdgeCoder.Hosting"],
        ["EdgeCoder.Coordinator"] = ["EdgeCoder.Protocol", "EdgeCoder.Ledger", "EdgeCoder.Executor", "EdgeCoder.Agent", "EdgeCoder.Hosting"],
        ["EdgeCoder"] = ["EdgeCoder.Protocol", "EdgeCoder.Executor", "EdgeCoder.Agent", "EdgeCoder.Hosting", "EdgeCoder.Inference", "EdgeCoder.Coordinator", "EdgeCoder.IdeProvider", "EdgeCoder.Ledger", "EdgeCoder.AnchorProxy", "EdgeCoder.Portal"],
    };

    private static readonly string[] UnsafeProjects = ["EdgeCoder.Inference", "EdgeCoder.Executor", "EdgeCoder.Agent", "EdgeCoder.Launcher", "EdgeCoder.DemonstrationModel"];

    private static readonly string[] ForbiddenFolders = ["Core", "Common", "Domain", "Infrastructure", "Abstractions", "Services", "Models", "Helpers", "Utils", "Interfaces", "Managers"];

    [Fact]
    public void Source_projects_reference_only_what_the_layout_allows()
    {
        var faults = from project in Projects("src")
                     from fault in WrongReferences(Path.GetFileNameWithoutExtension(project), XDocument.Load(project))
                     select fault;
        Assert.Empty(faults);
    }

    [Fact]
    public void The_direction_check_sees_a_role_that_references_another()
    {
        var planted = XDocument.Parse("""<Project><ItemGroup><ProjectReference Include="../EdgeCoder.Coordinator/EdgeCoder.Coordinator.csproj" /></ItemGroup></Project>""");
        Assert.Equal(["EdgeCoder.Inference -> EdgeCoder.Coordinator"], WrongReferences("EdgeCoder.Inference", planted));
    }

    [Fact]
    public void Every_project_is_in_the_solution_and_back()
    {
        var listed = XDocument.Load(Path.Combine(Checkout.Root, "EdgeCoder.slnx")).Descendants("Project").Select(project => (string)project.Attribute("Path")!).Order();
        var present = Projects("src").Concat(Projects("tests")).Concat(Projects("eng")).Concat(Projects("benchmarks"))
            .Select(project => Path.GetRelativePath(Checkout.Root, project).Replace('\\', '/')).Order();
        Assert.Equal(present, listed);
    }

    [Fact]
    public void Package_versions_are_central_and_locked()
    {
        var faults = new List<string>();
        foreach (var project in Tracked("*.csproj").Where(path => !path.StartsWith("artifacts", StringComparison.Ordinal)))
        {
            var document = XDocument.Load(Path.Combine(Checkout.Root, project));
            faults.AddRange(document.Descendants("PackageReference").Where(package => package.Attribute("Version") is not null).Select(package => $"{project}: version of {(string?)package.Attribute("Include")}"));
            if (!Directory.EnumerateFiles(Path.GetDirectoryName(Path.Combine(Checkout.Root, project))!, "packages*.lock.json").Any())
            {
                faults.Add($"{project}: no lock file");
            }
        }

        Assert.Empty(faults);
    }

    [Fact]
    public void Lock_files_name_no_download_address()
    {
        var faults = Tracked("*lock.json").Where(path => Regex.IsMatch(Read(path), "https?://"));
        Assert.Empty(faults);
    }

    [Fact]
    public void Nothing_is_silenced()
    {
        var faults = from path in Tracked("*.cs", "*.csproj", "*.props", "*.targets")
                     where !path.EndsWith(nameof(RepositoryShapeTests) + ".cs", StringComparison.Ordinal)
                     let text = Read(path)
                     where Regex.IsMatch(text, @"#pragma warning disable|<NoWarn>|SuppressMessage|TreatWarningsAsErrors>false|WarningsNotAsErrors")
                     select path;
        Assert.Empty(faults);
    }

    [Fact]
    public void Unsafe_code_stays_where_native_code_is_called()
    {
        var projects = Projects("src").Concat(Projects("eng")).Where(project => File.ReadAllText(project).Contains("AllowUnsafeBlocks", StringComparison.Ordinal)).Select(Path.GetFileNameWithoutExtension);
        Assert.Empty(projects.Except(UnsafeProjects));
    }

    [Fact]
    public void Folders_are_nouns_of_the_problem()
    {
        var faults = Tracked("*.cs").SelectMany(path => path.Split('/').SkipLast(1).Where(ForbiddenFolders.Contains).Where(folder => !(path.StartsWith("tests/EdgeCoder.TestKit/Models/", StringComparison.Ordinal) && folder == "Models")).Select(_ => path));
        Assert.Empty(faults);
    }

    [Fact]
    public void No_test_is_skipped_and_none_waits_for_time()
    {
        var faults = from path in Tracked("*.cs")
                     where path.StartsWith("tests/", StringComparison.Ordinal) && !path.EndsWith(nameof(RepositoryShapeTests) + ".cs", StringComparison.Ordinal)
                     let text = Read(path)
                     where Regex.IsMatch(text, @"\bSkip\s*=|Assert\.Skip|Thread\.Sleep|Task\.Delay\((?![^)]*[Ii]nfinite)|Assert\.True\(true\)")
                     select path;
        Assert.Empty(faults);
    }

    [Fact]
    public void No_file_names_a_directory_of_somebodys_machine()
    {
        var faults = from path in Tracked("*.cs", "*.md", "*.csproj", "*.props", "*.targets", "*.json", "*.sh", "edgecoder", "test")
                     where !path.EndsWith(nameof(RepositoryShapeTests) + ".cs", StringComparison.Ordinal) && !path.Contains("/Data/", StringComparison.Ordinal)
                     where Regex.IsMatch(Read(path), @"(^|[^A-Za-z0-9_.])/(work|home/(?!sandbox/)[a-z]+|Users/[a-z]+|root)/[A-Za-z.]")
                     select path;
        Assert.Empty(faults);
    }

    private static IEnumerable<string> WrongReferences(string name, XDocument project) =>
        from reference in project.Descendants("ProjectReference")
        let target = Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!)
        where !(AllowedReferences.GetValueOrDefault(name) ?? []).Contains(target)
        select $"{name} -> {target}";

    private static IEnumerable<string> Projects(string folder) => Tracked("*.csproj").Where(path => path.StartsWith(folder + "/", StringComparison.Ordinal)).Select(path => Path.Combine(Checkout.Root, path));

    private static string Read(string path) => File.ReadAllText(Path.Combine(Checkout.Root, path));

    private static List<string> Tracked(params string[] patterns) => GitFiles.List(Checkout.Root, patterns);
}
