using System.Text.RegularExpressions;
using EdgeCoder.Executor.Isolation.WebAssembly;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Executor.Tests.WebAssembly;

/// <summary>The module that the build restored, its names, and the image of its machine code.</summary>
public sealed partial class QuickJsModuleTests
{
    // Where the build puts the package; the output has the module only.
    private static string Glue => File.ReadAllText(Path.Combine(Repository(), "artifacts", "native", "quickjs", "node_modules", "@jitl", "quickjs-ng-wasmfile-release-sync", "dist", "emscripten-module.mjs"));

    [Fact]
    public void Exports_have_the_names_that_the_package_s_glue_gives_them()
    {
        var named = Export().Matches(Glue).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["short"].Value, StringComparer.Ordinal);

        Assert.All(QuickJsNames.Exports, export => Assert.Equal(named[export.Key], export.Value));
        Assert.Contains($"ca=!0;Z.{QuickJsNames.Constructors}();", Glue, StringComparison.Ordinal);
    }

    [Fact]
    public void Imports_are_those_of_the_package_s_glue()
    {
        var table = Glue[Glue.IndexOf("ya={", StringComparison.Ordinal)..];

        Assert.Equal(QuickJsNames.Imports.Values.Order(StringComparer.Ordinal), Import().Matches(table[..table.IndexOf("},Z;", StringComparison.Ordinal)]).Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        Assert.All(
            new[] { ("call_function", "t:function(a,c,b,e,f){return d.callbacks.callFunction("), ("should_interrupt", "i:function(a){return d.callbacks.shouldInterrupt("), ("resize_heap", "k:a=>{var c=K.length;"), ("abort", "r:()=>N(\"\")"), ("date_now", "p:()=>Date.now()") },
            import => Assert.Contains(import.Item2, Glue, StringComparison.Ordinal));
    }

    [Fact]
    public void Module_that_was_changed_is_refused()
    {
        using var place = new TemporaryDirectory();
        var bytes = File.ReadAllBytes(QuickJsModule.DefaultPath);
        bytes[^1] ^= 1;
        File.WriteAllBytes(place["changed.wasm"], bytes);

        var (engine, refusal) = WasmEngine.Create(place["changed.wasm"], place.Path, TimeProvider.System);

        Assert.Null(engine);
        Assert.Contains("is not the module that this version was made for", refusal!.Reason, StringComparison.Ordinal);
        Assert.False(Directory.Exists(place["executor"]));
    }

    [Fact]
    public void Module_that_is_missing_is_refused_with_the_remedy()
    {
        using var place = new TemporaryDirectory();

        var (engine, refusal) = WasmEngine.Create(place["none.wasm"], place.Path, TimeProvider.System);

        Assert.Null(engine);
        Assert.Contains("QuickJs=off", refusal!.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Image_is_kept_for_its_owner_and_used_again()
    {
        using var place = new TemporaryDirectory();

        Assert.True(Compiles(place));
        Assert.False(Compiles(place));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Assert.Single(Directory.GetFiles(place["executor"]))));
    }

    [Theory]
    [InlineData("damaged")]
    [InlineData("empty")]
    [InlineData("others may write")]
    public void Image_that_cannot_be_trusted_is_compiled_again(string what)
    {
        using var place = new TemporaryDirectory();
        Assert.True(Compiles(place));
        var image = Assert.Single(Directory.GetFiles(place["executor"]));
        switch (what)
        {
            case "damaged":
                using (var file = File.OpenWrite(image))
                {
                    file.Write(new byte[64]);
                }

                break;
            case "empty":
                File.WriteAllBytes(image, []);
                break;
            default:
                File.SetUnixFileMode(image, File.GetUnixFileMode(image) | UnixFileMode.GroupWrite);
                break;
        }

        Assert.True(Compiles(place));
        Assert.False(Compiles(place));
    }

    [Fact]
    public void Data_directory_that_cannot_be_written_costs_only_the_image()
    {
        using var place = new TemporaryDirectory();
        File.WriteAllText(place["file"], "");

        var (engine, _) = WasmEngine.Create(QuickJsModule.DefaultPath, place["file"], TimeProvider.System);

        Assert.True(engine!.Compiled);
        engine.Dispose();
    }

    private static bool Compiles(TemporaryDirectory place)
    {
        var (engine, refusal) = WasmEngine.Create(QuickJsModule.DefaultPath, place.Path, TimeProvider.System);
        Assert.True(engine is not null, refusal?.Message);
        using (engine)
        {
            return engine.Compiled;
        }
    }

    private static string Repository()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "EdgeCoder.slnx")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("The tests run outside of the repository.");
        }

        return directory;
    }

    [GeneratedRegex(@"d\._(?<name>[A-Za-z_0-9]+)=b\.(?<short>[\w$]+)[;,]")]
    private static partial Regex Export();

    [GeneratedRegex(@"(?<=[{,}])([a-u]):(?:\(|function|a=>|t,|qa,)")]
    private static partial Regex Import();
}
